import { canRetry, type Failure } from './fault.ts';
import type { TaskKind } from './task.ts';
import type { At, Millis } from './time.ts';

export type Verdict = { again: Millis } | { give: 'up'; failure: Failure };

/** First pause after a fault, doubled each time up to the longest. */
const firstPause = 1_000;
const longestPause = 30_000;

/**
 * Work that asks a cloud or a balancer for one step after the other: an attempt at it that took longer than one may has
 * met somebody slow, and the next one goes on from there. What runs commands was given its time by the service.
 */
const inSteps: ReadonlySet<TaskKind> = new Set<TaskKind>([
  ...(['launch', 'admit', 'shift', 'watch', 'drain', 'detach', 'publish'] as const),
  ...(['survey', 'inventory', 'reconcile', 'reap'] as const),
]);

export interface Tried {
  kind: TaskKind;
  tries: number;
  deadline: At;
  /** It removes something: whatever the fault, it is tried until its deadline, so that nothing is left over. */
  removes: boolean;
}

/** Whether a task that failed is tried again, and when: from the fault, the tries so far and the deadline alone. */
export function afterFailure(failure: Failure, { kind, tries, deadline, removes }: Tried, now: At): Verdict {
  const isSlow = failure.fault === 'timeout' && inSteps.has(kind);
  const hopeless = removes ? failure.fault === 'fenced' : !isSlow && !canRetry(failure.fault);
  if (hopeless) return { give: 'up', failure };
  const again =
    failure.fault === 'worker lost' ? 0 : Math.min(firstPause * 2 ** Math.min(tries, 10), longestPause);
  return now + again < deadline ? { again } : { give: 'up', failure };
}

/** Whether a task that is not over yet is looked at again, and when: in whole milliseconds, as queues count. */
export function afterNotYet(again: Millis, deadline: At, now: At, note: string | undefined): Verdict {
  if (now + again < deadline) return { again: Math.ceil(again) };
  const last = note === undefined ? '' : ` The last that was heard: ${note}`;
  return { give: 'up', failure: { fault: 'timeout', sentence: `It was not ready by its deadline.${last}` } };
}
