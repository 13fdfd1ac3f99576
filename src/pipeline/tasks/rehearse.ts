import type { Failure } from '../domain/fault.ts';
import type { HttpCheck } from '../domain/service-file.ts';
import type { Outcome, TaskInputs } from '../domain/task.ts';
import type { At, Millis } from '../domain/time.ts';
import { ProviderError } from '../provider.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { doHttpCheck } from './http-check.ts';
import { environmentOf } from './launch.ts';

type Input = TaskInputs['rehearse'];
type Verdict = { passed: boolean; startedIn?: Millis; because?: string };

/** What the attempts before know: when it began, and, from then on that it is being taken down, what came of it. */
interface Known {
  since: At;
  verdict?: Verdict;
}

/**
 * Starts a version beside what is live, asks it what its suites ask over HTTP, and takes it down again: it never gets
 * traffic. A failure to start is what was to be found out, and no failure of the task.
 */
export const rehearse: Task<'rehearse'> = {
  kind: 'rehearse',
  async run(input, tools, call) {
    const known = knownOf(call.known) ?? { since: tools.now() };
    const verdict = known.verdict ?? (await start(input, known.since, tools, call));
    if ('is' in verdict) return verdict;
    return takeDown(input, { ...known, verdict }, tools, call);
  },
};

async function start(
  { provider, image, spec, mark, checks }: Input,
  since: At,
  tools: TaskTools,
  call: TaskCall,
): Promise<Verdict | Outcome<'rehearse'>> {
  try {
    const cloud = tools.provider(provider);
    const told = await environmentOf(spec, mark, tools, cloud);
    const reply = await cloud.launch({ image, spec, ...told, mark }, call);
    if (!reply.ready) return { is: 'not yet', again: reply.again, known: { since }, note: 'starting' };
    const startedIn = tools.now() - since;
    const problem = await firstProblem(reply.value.address, checks, call);
    return problem === undefined
      ? { passed: true, startedIn }
      : { passed: false, startedIn, because: problem };
  } catch (error) {
    const failure = error instanceof ProviderError ? error.failure : undefined;
    if (failure === undefined || !isFinding(failure)) throw error;
    return { passed: false, because: failure.sentence };
  }
}

/** Faults that say something of the version; all others are of the world around it, and are tried again. */
const isFinding = ({ fault }: Failure): boolean =>
  fault === 'unhealthy' || fault === 'exited' || fault === 'unknown image' || fault === 'bad settings';

async function firstProblem(
  address: string,
  checks: HttpCheck[],
  call: TaskCall,
): Promise<string | undefined> {
  for (const one of checks) {
    const problem = await doHttpCheck(one, address, call.signal);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function takeDown(
  { provider: name, mark, spec }: Input,
  known: Known & { verdict: Verdict },
  tools: TaskTools,
  call: TaskCall,
): Promise<Outcome<'rehearse'>> {
  const provider = tools.provider(name);
  const made = (await provider.list(mark.owner, call)).filter(
    ({ what, mark: { effect, generation } }) =>
      what === 'instance' && effect === mark.effect && generation === mark.generation,
  );
  for (const { id } of made) {
    const reply = await provider.terminate(id, spec.grace, call);
    if (!reply.ready) return { is: 'not yet', again: reply.again, known, note: 'taking it down' };
  }
  return { is: 'done', result: { version: mark.version, ...known.verdict } };
}

function knownOf(known: unknown): Known | undefined {
  if (typeof known !== 'object' || known === null || !('since' in known)) return undefined;
  // Written by the attempt before.
  return known as Known;
}
