import type { Balancer, SlotTraffic } from '../balancer.ts';
import type { Instance } from '../domain/instance.ts';
import { isSample, type Sample, together } from '../domain/measurement.ts';
import type { TaskInputs } from '../domain/task.ts';
import { ProviderError } from '../provider.ts';
import { shortly } from '../shortly.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { admitted } from './traffic.ts';
import { whileProbing } from './while-probing.ts';

/** Milliseconds until the next look: soon at first, since a healthy instance takes no time. */
const soonest = 50;
const latest = 1_000;
/** Requests of Bakery's own at least, by which what serves now is known. */
const atLeast = 6;

/** Puts instances behind the balancer at weight 0; done when the balancer calls all of them healthy. */
export const admit: Task<'admit'> = {
  kind: 'admit',
  async run(input, tools, call) {
    const { frontend, instances, health } = input;
    const balancer = tools.balancer(input.balancer);
    const before = await balancer.members(frontend, call);
    // Where nobody serves yet there is nothing to measure.
    const measured = before.members.some(({ weight }) => weight > 0) ? input : { frontend };
    const { value: waiting, probes: met } = await whileProbing(
      measured,
      { balancer, tools, call },
      atLeast,
      () => attachAll(input, balancer, before, tools, call),
    );
    const known = knownOf(call.known);
    const probes = met === undefined ? {} : { probes: together(known.probes, met) };
    if (waiting.length === 0) return { is: 'done', result: probes };

    const names = waiting.map(({ id }) => id).join(', ');
    const since = known.since ?? tools.now();
    if (tools.now() - since >= health.within)
      throw new ProviderError(
        'unhealthy',
        `The balancer does not call ${names} healthy: ${health.path} did not pass its checks for ${health.within / 1000} s. No traffic was moved. See the log of the instance, then retry.`,
      );
    const note = `${instances.length - waiting.length} of ${instances.length} healthy in the balancer`;
    const again = Math.min(latest, soonest + (tools.now() - since) / 4);
    return { is: 'not yet', again, known: { since, ...probes }, note };
  },
};

/** Attaches those that are not there yet; the ones that the balancer does not call healthy after a short wait. */
async function attachAll(
  { frontend, instances, health, epoch, owned }: TaskInputs['admit'],
  balancer: Balancer,
  before: SlotTraffic,
  tools: TaskTools,
  call: TaskCall,
): Promise<Instance[]> {
  for (const instance of instances) {
    const there = before.members.find((one) => one.instance === instance.id);
    // An attach also raises the slot's epoch, so that whoever was there before cannot come back in between.
    if (before.epoch === epoch && there?.address === instance.address) continue;
    await balancer.attach(frontend, admitted(instance, owned), health, epoch, call);
  }
  let waiting: Instance[] = [];
  await shortly(
    async () => {
      const { members } = await balancer.members(frontend, call);
      waiting = instances.filter(
        ({ id }) => members.find((one) => one.instance === id)?.health !== 'healthy',
      );
      return waiting.length === 0 ? true : undefined;
    },
    call.signal,
    // Two of its checks, as a rule: the way through the queue and back would take as long.
    { ...(call.known === undefined ? { within: 400 } : {}), ...(tools.pause && { pause: tools.pause }) },
  );
  return waiting;
}

/** Without the hint the wait begins anew; the task's own deadline ends it then. */
function knownOf(known: unknown): { since?: number; probes?: Sample } {
  if (typeof known !== 'object' || known === null) return {};
  return {
    ...('since' in known && typeof known.since === 'number' ? { since: known.since } : {}),
    ...('probes' in known && isSample(known.probes) ? { probes: known.probes } : {}),
  };
}
