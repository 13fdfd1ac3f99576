import { needed } from '../domain/protocol.ts';
import { logOf } from '../domain/task.ts';
import type { Ledger, TaskRow } from '../ledger.ts';
import type { Attempt, TaskQueue } from '../task-queue.ts';

const page = 100;

/** Puts into the queue what the ledger wants and has not put there; what fails is left to the next round. */
export async function enqueueWanted({
  ledger,
  queue,
  now,
}: {
  ledger: Ledger;
  queue: TaskQueue;
  now(): number;
}): Promise<void> {
  for (;;) {
    const wanted = await ledger.toEnqueue(page);
    // Added again after a crash in between, an attempt is a no-op: the queue holds its id.
    await Promise.all(wanted.map((task) => queue.add(attemptOf(task), Math.max(0, task.notBefore - now()))));
    if (wanted.length > 0) await ledger.enqueued(wanted);
    if (wanted.length < page) return;
  }
}

function attemptOf(task: TaskRow): Attempt {
  const { effect, generation, attempt, kind, input, known, limit, subject, stage } = task;
  const needs = needed(kind, input);
  return {
    effect,
    generation,
    attempt,
    kind,
    input,
    limit,
    log: logOf(subject, stage, generation),
    ...(known === undefined ? {} : { known }),
    ...(needs > 1 ? { needs } : {}),
  };
}
