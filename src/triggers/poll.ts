import { isRefusal } from '../pipeline/domain/command.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

export interface PollParts {
  pipeline: Pick<Pipeline, 'requestRelease'>;
  policies: () => Iterable<ServicePolicy>;
  /** What the remote's branch points to; throws when the remote cannot be asked. */
  branchHead(order: { repository: string; branch: string }): Promise<string | undefined>;
  /** How often each branch is looked at; 0 for never. */
  interval: Millis;
  now(): At;
  /** Calls back once after so many milliseconds; returns how to call it off. */
  after(wait: Millis, call: () => void): () => void;
  /** From 0 to below 1: spreads the looks, so that not all come at once. */
  random(): number;
  log: { warn(fields: Record<string, unknown>, message: string): void };
}

export interface Poll {
  /** Ends it; resolves when a look that had begun is over. */
  stop(): Promise<void>;
}

interface Looked {
  /** The commit that a release was asked for last. */
  sha?: string;
  next: At;
  failures: number;
}

const longestWait: Millis = 30 * 60_000;

/**
 * The backstop behind webhooks: looks at each service's branch, one at a time, and asks for a release when it
 * points to another commit. The first look asks too: what came while Bakery was away is found by it, and what was
 * released before is not released again. A remote that fails is asked less and less often.
 */
export function startPoll(parts: PollParts): Poll {
  const looked = new Map<string, Looked>();
  let stopped = false;
  let callOff: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();

  const round = async (): Promise<void> => {
    for (const policy of parts.policies()) {
      if (stopped) return;
      const row = looked.get(policy.service) ?? { next: 0, failures: 0 };
      looked.set(policy.service, row);
      if (row.next <= parts.now()) await look(policy, row, parts);
    }
  };
  const guarded = (): Promise<void> =>
    round().catch((error: unknown) => parts.log.warn({ because: String(error) }, 'poll round failed'));
  const plan = (wait: Millis): void => {
    callOff = parts.after(wait, () => {
      running = guarded().finally(() => {
        if (!stopped) plan(untilNext(looked, parts));
      });
    });
  };
  if (parts.interval > 0) plan(Math.round(parts.random() * Math.min(parts.interval, 5000)));
  return {
    async stop() {
      stopped = true;
      callOff?.();
      await running;
    },
  };
}

function untilNext(looked: ReadonlyMap<string, Looked>, { now, interval }: PollParts): Millis {
  const next = Math.min(now() + interval, ...[...looked.values()].map((row) => row.next));
  return Math.max(100, next - now());
}

async function look(policy: ServicePolicy, row: Looked, parts: PollParts): Promise<void> {
  const { service, repository, branch } = policy;
  try {
    const sha = await parts.branchHead({ repository, branch });
    if (sha !== undefined && sha !== row.sha) {
      const order = { service, ref: branch, by: { kind: 'poll' }, onlyNew: true } as const;
      const answer = await parts.pipeline.requestRelease(order);
      if (isRefusal(answer) && answer.refused === 'bad input') throw new Error(answer.sentence);
      row.sha = sha;
    }
    row.failures = 0;
  } catch (error) {
    row.failures += 1;
    const because = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
    parts.log.warn({ service, because, failures: row.failures }, 'poll failed');
  }
  const wait = Math.max(parts.interval, Math.min(parts.interval * 2 ** row.failures, longestWait));
  row.next = parts.now() + Math.round(wait * (0.9 + parts.random() * 0.2));
}
