import { isRefusal } from '../pipeline/domain/command.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

export interface PollParts {
  pipeline: Pick<Pipeline, 'requestRelease'>;
  policies(): Iterable<ServicePolicy>;
  /** What a branch points to now; undefined when there is no such branch. Throws when the remote cannot be asked. */
  branchHead(order: { repository: string; branch: string }): Promise<string | undefined>;
  /** Whether a service was ever released: its first release is a person's decision or a push's. */
  released(service: string): Promise<boolean>;
  /** How often each branch is looked at; 0 for never. */
  every: Millis;
  onError(service: string, error: unknown): void;
  clock?: PollClock;
}

/** Time and chance, so that tests can step them. */
export interface PollClock {
  now(): At;
  /** Calls back once after so many milliseconds; returns how to call it off. */
  after(wait: Millis, call: () => void): () => void;
  /** From 0 to below 1: spreads the looks, so that not all come at once. */
  random(): number;
}

const realClock: PollClock = {
  now: Date.now,
  random: Math.random,
  after(wait, call) {
    const timer = setTimeout(call, wait);
    return () => clearTimeout(timer);
  },
};

interface Looked {
  /** The commit that a release was asked for last. */
  sha?: string;
  next: At;
  failures: number;
}

const longestWait: Millis = 30 * 60_000;

/**
 * The backstop behind webhooks: looks at each service's branch, one at a time, and asks for a release when it
 * points to another commit. The first look asks too when the service was released before: what came while Bakery
 * was away is found by it, and what was released is not released again. A remote that fails is asked less and less
 * often. Returns how to stop; that resolves when a look that had begun is over.
 */
export function startPolling(parts: PollParts): () => Promise<void> {
  const clock = parts.clock ?? realClock;
  const looked = new Map<string, Looked>();
  let stopped = false;
  let callOff: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();

  const round = async (): Promise<void> => {
    for (const policy of parts.policies()) {
      if (stopped) return;
      // An outside CI hands its packages over.
      if (policy.external !== undefined) continue;
      const row = looked.get(policy.service) ?? { next: 0, failures: 0 };
      looked.set(policy.service, row);
      if (row.next <= clock.now()) await look(policy, row, parts, clock);
    }
  };
  const plan = (wait: Millis): void => {
    callOff = clock.after(wait, () => {
      running = round().finally(() => {
        if (!stopped) plan(untilNext(looked, parts, clock));
      });
    });
  };
  if (parts.every > 0) plan(Math.round(clock.random() * Math.min(parts.every, 5000)));
  return async () => {
    stopped = true;
    callOff?.();
    await running;
  };
}

function untilNext(looked: ReadonlyMap<string, Looked>, { every }: PollParts, { now }: PollClock): Millis {
  const next = Math.min(now() + every, ...[...looked.values()].map((row) => row.next));
  return Math.max(100, next - now());
}

async function look(policy: ServicePolicy, row: Looked, parts: PollParts, clock: PollClock): Promise<void> {
  const { service, repository, branch } = policy;
  try {
    const sha = await parts.branchHead({ repository, branch });
    if (sha !== undefined && sha !== row.sha) {
      const first = row.sha === undefined && !(await parts.released(service));
      if (!first) await askFor(policy, parts);
      row.sha = sha;
    }
    row.failures = 0;
  } catch (error) {
    row.failures += 1;
    parts.onError(service, error);
  }
  const wait = Math.max(parts.every, Math.min(parts.every * 2 ** row.failures, longestWait));
  row.next = clock.now() + Math.round(wait * (0.9 + clock.random() * 0.2));
}

/** A refusal for bad input is the repository's trouble, and is tried again; any other answer is final. */
async function askFor({ service, branch }: ServicePolicy, { pipeline }: PollParts): Promise<void> {
  const answer = await pipeline.requestRelease({ service, ref: branch, by: { kind: 'poll' }, onlyNew: true });
  if (isRefusal(answer) && answer.refused === 'bad input') throw new Error(answer.sentence);
}
