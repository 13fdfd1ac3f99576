import type { Balancer, Member } from '../balancer.ts';
import type { Instance } from '../domain/instance.ts';
import { usualLimits } from '../domain/limits.ts';
import { isSample, noSample, type Sample, together } from '../domain/measurement.ts';
import type { TaskInputs } from '../domain/task.ts';
import { type InstanceReport, type Provider, ProviderError } from '../provider.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { admitted, asWanted, countersOf } from './traffic.ts';
import { limitFailure, whileProbing } from './while-probing.ts';

/** Milliseconds until the next look. */
const again = 500;
/** Requests of Bakery's own at each look, at least. */
const probesEach = 4;
/** What an order that names no limits means. */
const usual = { limits: usualLimits };

/**
 * Watches instances until a time: that they run, that they are healthy by their provider and by the balancer, that
 * they answer within the limits, and that the slot's weights are as they should be. Puts weights right that somebody
 * changed.
 */
export const watch: Task<'watch'> = {
  kind: 'watch',
  async run(input, tools, call) {
    const provider = tools.provider(input.provider);
    const before = knownOf(call.known);
    const { look, met } = await lookWithProbes(input, provider, tools, call);
    const probes = met === undefined ? undefined : together(before.probes, met);
    const failure = limitFailure(input.measure ?? usual, probes ?? noSample, look.counted);
    if (failure !== undefined) return failure;
    const over = tools.now() >= input.until;
    // One bad look may be chance, two are not; and nothing passes on a bad look.
    const bad = look.unwell.find(({ instance }) => over || before.unwell.includes(instance.id));
    if (bad) throw await failed('unhealthy', bad, provider, call);
    const measured = probes === undefined ? {} : { probes };
    if (over) return { is: 'done', result: { ...look.counted, ...measured } };
    const { requests, failed: bads } = look.counted;
    const unwell = look.unwell.map(({ instance }) => instance.id);
    const note = `${requests} requests, ${bads} failed`;
    return { is: 'not yet', again, known: { unwell, ...measured }, note };
  },
};

interface Look {
  unwell: Unwell[];
  counted: { requests: number; failed: number };
}

/** A worker has no balancer: whether it runs and is healthy is all there is to see. */
async function lookWithProbes(
  input: TaskInputs['watch'],
  provider: Provider,
  tools: TaskTools,
  call: TaskCall,
): Promise<{ look: Look; met?: Sample | undefined }> {
  if (input.balancer === '') {
    const unwell = await lookAtAll(input, provider, undefined, call);
    return { look: { unwell, counted: { requests: 0, failed: 0 } } };
  }
  const balancer = tools.balancer(input.balancer);
  const { value, probes } = await whileProbing(input, { balancer, tools, call }, probesEach, () =>
    lookOnce(input, balancer, provider, call),
  );
  return { look: value, met: probes };
}

async function lookOnce(
  input: TaskInputs['watch'],
  balancer: Balancer,
  provider: Provider,
  call: TaskCall,
): Promise<Look> {
  const members = await putRight(input, balancer, call);
  const own = members.filter((member) => input.instances.some(({ id }) => id === member.instance));
  return { unwell: await lookAtAll(input, provider, own, call), counted: countersOf(own) };
}

/** Members and weights as they should be, also after somebody else changed them; read back. */
async function putRight(input: TaskInputs['watch'], balancer: Balancer, call: TaskCall): Promise<Member[]> {
  const { frontend, instances, weights, health, epoch, owned } = input;
  let { members } = await balancer.members(frontend, call);
  const missing = instances.filter(({ id }) => !members.some((member) => member.instance === id));
  for (const instance of missing) {
    call.log(`${instance.id} was not behind the balancer any more; it is put back`);
    await balancer.attach(frontend, admitted(instance, owned), health, epoch, call);
  }
  if (missing.length > 0) ({ members } = await balancer.members(frontend, call));
  if (asWanted(members, weights)) return members;
  // A newcomer gets its weight at the next look, once it is healthy: the shift would be refused now.
  const healthy = (id: string): boolean =>
    members.some((member) => member.instance === id && member.health === 'healthy');
  if (!Object.keys(weights).some((id) => (weights[id] ?? 0) > 0 && healthy(id))) return members;
  call.log('the weights were not as they should be; they are set again');
  await balancer.shift(frontend, weights, epoch, call);
  return (await balancer.members(frontend, call)).members;
}

interface Unwell {
  instance: Instance;
  because: string;
}

/** Who is not well at this look, and why. Throws `exited` at once for one that does not run. */
async function lookAtAll(
  { instances, health }: TaskInputs['watch'],
  provider: Provider,
  members: Member[] | undefined,
  call: TaskCall,
): Promise<Unwell[]> {
  const unwell: Unwell[] = [];
  for (const instance of instances) {
    const report = await provider.inspect(instance, health, call);
    if (report.state === 'exited' || report.state === 'gone') {
      const because = report.because ?? (report.state === 'gone' ? 'it is gone' : 'it ended by itself');
      throw await failed('exited', { instance, because }, provider, call);
    }
    const member = members?.find((one) => one.instance === instance.id);
    const because = complaint(report, members === undefined ? 'healthy' : member?.health);
    if (because !== undefined) unwell.push({ instance, because });
  }
  return unwell;
}

function complaint(report: InstanceReport, behind: Member['health'] | undefined): string | undefined {
  if (!report.healthy) return report.because ?? 'its health check does not pass';
  if (behind !== 'healthy') return `the balancer calls it ${behind ?? 'unknown'}`;
  return undefined;
}

async function failed(
  fault: 'exited' | 'unhealthy',
  { instance, because }: Unwell,
  provider: Provider,
  call: TaskCall,
): Promise<ProviderError> {
  // Its output helps, but the failure is the instance's whether or not its log can be read.
  const lines = await provider.logs(instance, 20, call).catch(() => []);
  const sentence = `${instance.id} does not serve as it should: ${because}. See its last lines of output.`;
  return new ProviderError(fault, sentence, { lines });
}

/** What the look before saw. Without the hint it takes one more look, and what was measured is what is left to come. */
function knownOf(known: unknown): { unwell: unknown[]; probes?: Sample } {
  if (typeof known !== 'object' || known === null) return { unwell: [] };
  const unwell = 'unwell' in known && Array.isArray(known.unwell) ? known.unwell : [];
  return { unwell, ...('probes' in known && isSample(known.probes) ? { probes: known.probes } : {}) };
}
