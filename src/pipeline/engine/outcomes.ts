import { type Settled, settle } from '../decide/settle.ts';
import { theClock } from '../domain/actor.ts';
import type { Failure } from '../domain/fault.ts';
import type { Inventory } from '../domain/marked.ts';
import { afterFailure, afterNotYet, type Verdict } from '../domain/retry.ts';
import type { Evidence } from '../domain/task.ts';
import type { TaskRow } from '../ledger.ts';
import type { Ended } from '../task-queue.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';
import type { Reports } from './reports.ts';

/** Records every attempt that ended and has the queue forget it, in this order: a crash between repeats nothing. */
export async function recordEnded(parts: EngineParts, deciding: Deciding, reports: Reports): Promise<void> {
  const recording = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const ended of reports.take() ?? parts.queue.ended()) {
      const one = recordOne(parts, deciding, ended)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => recording.delete(one));
      recording.add(one);
      if (recording.size >= atOnce) await Promise.race(recording);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(recording);
  }
  if (failures.length > 0) throw failures[0];
}

/** So that the way of some to the disk, the queue and back does not hold up the commits of the others. */
const atOnce = 100;

async function recordOne(parts: EngineParts, deciding: Deciding, ended: Ended): Promise<void> {
  const task = await parts.ledger.taskOfJob(ended.id);
  if (task !== undefined) await record(parts, deciding, task, ended.outcome);
  await parts.queue.release(ended.id);
}

/** What one attempt's outcome means for its task: another attempt, or the end of it. */
export async function record(
  parts: EngineParts,
  deciding: Deciding,
  task: TaskRow,
  outcome: Ended['outcome'],
): Promise<void> {
  const { now } = parts;
  if (task.stopping && !(outcome.is === 'done')) {
    await end(deciding, task, { is: 'cancelled' });
    return;
  }
  switch (outcome.is) {
    case 'done':
      await end(deciding, task, { is: 'done', result: outcome.result });
      return;
    case 'not yet': {
      const verdict = afterNotYet(outcome.again, task.deadline, now(), outcome.note);
      await follow(parts, deciding, task, verdict, {
        known: outcome.known,
        tries: task.tries,
        note: outcome.note,
      });
      return;
    }
    case 'lost': {
      const failure: Failure = { fault: 'worker lost', sentence: `Its worker is gone: ${outcome.because}` };
      await follow(parts, deciding, task, afterFailure(failure, triedOf(task), now()), {
        known: task.known,
        tries: task.tries + 1,
        note: undefined,
      });
      return;
    }
    case 'failed': {
      // A worker that was told to stop, or lost its lease, reports `aborted`: unless we asked, the task goes on.
      const failure: Failure =
        outcome.failure.fault === 'aborted' ? { ...outcome.failure, fault: 'worker lost' } : outcome.failure;
      const verdict = afterFailure(failure, triedOf(task), now());
      await follow(
        parts,
        deciding,
        task,
        verdict,
        { known: undefined, tries: task.tries + 1, note: failure.sentence },
        outcome.evidence,
      );
    }
  }
}

const triedOf = ({ tries, deadline, undo, kind }: TaskRow) => ({
  kind,
  tries,
  deadline,
  removes: undo || kind === 'terminate',
});

async function follow(
  { ledger, now }: EngineParts,
  deciding: Deciding,
  task: TaskRow,
  verdict: Verdict,
  next: { known: unknown; tries: number; note: string | undefined },
  evidence?: Evidence,
): Promise<void> {
  if ('again' in verdict) {
    await ledger.again(task, task.attempt, { notBefore: now() + verdict.again, ...next });
    return;
  }
  await end(deciding, task, {
    is: 'failed',
    failure: verdict.failure,
    ...(evidence === undefined ? {} : { evidence }),
  });
}

type How =
  | { is: 'done'; result: (Settled & { is: 'done' })['result'] }
  | { is: 'failed'; failure: Failure; evidence?: Evidence }
  | { is: 'cancelled' };

/** What it showed was so at or after the time before which this attempt could not begin. */
function inventoryOf({ subject, notBefore: at }: TaskRow, how: How): Inventory | undefined {
  if (subject.kind !== 'cloud' || how.is !== 'done' || !('found' in how.result)) return undefined;
  return { provider: subject.provider, at, found: how.result.found };
}

/** The task is over, whatever comes of it later. */
export async function end(deciding: Deciding, task: TaskRow, how: How): Promise<void> {
  const { effect, generation, attempt, subject } = task;
  if (subject.kind === 'cloud') {
    await deciding.inventoried({ effect, generation, attempt, as: how.is }, inventoryOf(task, how));
    return;
  }
  await deciding.request({
    service: subject.service,
    named: {
      version: subject.kind === 'release' ? subject.version : undefined,
      deployment: subject.kind === 'deployment' ? subject.id : undefined,
    },
    by: theClock,
    ends: { effect, generation, attempt, as: how.is },
    decide: (facts, now) => settle(facts, { task, ...how }, now),
  });
}
