import { attemptId } from '../task-queue.ts';
import type { Deciding } from './deciding.ts';
import { end } from './outcomes.ts';
import type { EngineParts } from './parts.ts';

/** Cancels what is to be stopped: at once what had not begun; what runs is told, and reports. */
export async function stopTasks({ ledger, queue }: EngineParts, deciding: Deciding): Promise<void> {
  for (const task of await ledger.toStop()) {
    const answer = task.enqueued ? await queue.cancel(attemptId(task)) : 'removed';
    // A job that the queue does not hold may still run on a worker that was cut off: the sweep waits its lease out.
    if (answer === 'removed') await end(deciding, task, { is: 'cancelled' });
  }
}
