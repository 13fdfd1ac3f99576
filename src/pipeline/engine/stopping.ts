import { attemptId } from '../task-queue.ts';
import type { Deciding } from './deciding.ts';
import { end } from './outcomes.ts';
import type { EngineParts } from './parts.ts';

/** Cancels what is to be stopped: at once what had not begun; what runs is told, and reports. */
export async function stopTasks({ ledger, queue }: EngineParts, deciding: Deciding): Promise<void> {
  for (const task of await ledger.toStop()) {
    const answer = await queue.cancel(attemptId(task));
    // One that was never put there has not begun. One that was may still run on a worker that was cut off, though the
    // queue does not hold it: the sweep waits its lease out.
    const hasNotBegun = answer === 'removed' || (answer === 'unknown' && !task.enqueued);
    if (hasNotBegun) await end(deciding, task, { is: 'cancelled' });
  }
}
