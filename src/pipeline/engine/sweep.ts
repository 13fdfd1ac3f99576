import { attemptId } from '../task-queue.ts';
import type { EngineParts } from './parts.ts';

/**
 * How long the queue must be seen without a job before it is enqueued again: the lock's time and the longest call, so
 * that a worker which had begun it, and was cut off when the queue was emptied, has stopped.
 */
export const lostAfter = 15_000;

/** Compares the queue with the ledger: what the ledger wants and the queue does not hold is enqueued again. */
export async function sweepQueue({ ledger, queue, now, log }: EngineParts): Promise<void> {
  const tasks = await ledger.inQueue();
  if (tasks.length === 0) return;
  const held = await queue.held(tasks.map(attemptId));
  for (const task of tasks) {
    if (held.has(attemptId(task))) {
      if (task.missingSince !== undefined) await ledger.missing(task, undefined);
    } else if (task.missingSince === undefined) {
      await ledger.missing(task, now());
    } else if (now() - task.missingSince >= lostAfter) {
      log.warn(
        { effect: task.effect, attempt: task.attempt },
        'the queue has lost a task; it is enqueued again',
      );
      await ledger.enqueueAgain(task);
    }
  }
}
