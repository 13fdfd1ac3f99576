import { subjectKey, type TaskId, type TaskOrder } from '../pipeline/domain/task.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Batch, TaskRow } from '../pipeline/ledger.ts';
import { attemptId } from '../pipeline/task-queue.ts';
import type { Db } from './db.ts';
import { OpenTaskRows } from './open-task-rows.ts';
import { perLedger } from './prepared.ts';
import { rowMemory } from './row-memory.ts';
import type { tasks } from './schema.ts';
import { statements } from './statements.ts';

/** What the next attempt at a task begins with. */
interface Next {
  notBefore: At;
  tries: number;
  known: unknown;
  note: string | undefined;
}

/**
 * The tasks that are not over: written to their table, and read from the ledger's memory. All of them are kept, and they
 * are few: a release that waits for a person has none. Writes are parts of a group of commits.
 */
export class OpenTasks {
  readonly #on: ReturnType<typeof statements>;
  readonly #memory: ReturnType<typeof rowMemory>;

  constructor(db: Db) {
    this.#on = statements(db);
    this.#memory = rowMemory(db);
  }

  /** No other program writes any while the coordinator's lock is held, so nobody looks whether one did. */
  get rows(): OpenTaskRows {
    return this.#memory.tasks.get('', () => new OpenTaskRows(this.#on.wantedTasks.all().map(rowOf)));
  }

  /** Nothing, when it was ordered before. */
  order(order: TaskOrder): void {
    const { service } = order.subject;
    const job = attemptId({ ...order, attempt: 1 });
    const rows = this.rows;
    const { changes } = this.#on.addTask.run({
      ...order,
      service,
      subjectKey: subjectKey(order.subject),
      job,
    });
    if (changes === 1) rows.put(firstAttempt(order));
  }

  /** False when another attempt counts by now, or it is over. */
  end(ends: NonNullable<Batch['ends']>, at: At): boolean {
    const rows = this.rows;
    if (this.#on.endTask.run({ ...ends, at }).changes !== 1) return false;
    rows.delete(ends);
    return true;
  }

  stop(subjects: readonly string[]): void {
    const rows = this.rows;
    this.#on.stopTasks.run({ subjects: JSON.stringify(subjects) });
    rows.stop(subjects);
  }

  /** False when another attempt counts by now, or it is over. */
  again({ effect, generation }: TaskId, attempt: number, next: Next): boolean {
    const rows = this.rows;
    const job = attemptId({ effect, generation, attempt: attempt + 1 });
    const known = next.known === undefined ? null : JSON.stringify(next.known);
    const given = {
      ...next,
      effect,
      generation,
      attempt,
      next: attempt + 1,
      job,
      known,
      note: next.note ?? null,
    };
    if (this.#on.again.run(given).changes !== 1) return false;
    const { notBefore, tries } = next;
    rows.change({ effect, generation }, (row) => ({
      ...row,
      attempt: attempt + 1,
      notBefore,
      tries,
      known: next.known ?? undefined,
      enqueued: false,
      missingSince: undefined,
    }));
    return true;
  }

  enqueued({ effect, generation, attempt }: TaskId & { attempt: number }): void {
    const rows = this.rows;
    if (this.#on.enqueued.run({ effect, generation, attempt }).changes !== 1) return;
    rows.change({ effect, generation }, (row) => ({ ...row, enqueued: true, missingSince: undefined }));
  }

  missing({ effect, generation }: TaskId, since: At | undefined): void {
    const rows = this.rows;
    this.#on.missing.run({ effect, generation, since: since ?? null });
    rows.change({ effect, generation }, (row) => ({ ...row, missingSince: since }));
  }

  enqueueAgain({ effect, generation }: TaskId): void {
    const rows = this.rows;
    this.#on.enqueueAgain.run({ effect, generation });
    rows.change({ effect, generation }, (row) => ({ ...row, enqueued: false, missingSince: undefined }));
  }

  /** What the attempt of this job says of itself. */
  note(job: string, note: string): void {
    const row = this.rows.ofJob(job);
    if (row !== undefined) this.#on.note.run({ ...row, note });
  }
}

/** The open tasks of an open ledger. */
export const openTasks = perLedger((db) => new OpenTasks(db));

const firstAttempt = (order: TaskOrder): TaskRow => {
  const {
    effect,
    generation,
    kind,
    subject,
    stage,
    undo,
    input,
    notBefore,
    deadline,
    attempt: limit,
  } = order;
  return {
    ...{ effect, generation, kind, subject, stage, undo, input, notBefore, deadline, limit },
    attempt: 1,
    tries: 0,
    known: undefined,
    enqueued: false,
    stopping: false,
    missingSince: undefined,
  };
};

const rowOf = (row: typeof tasks.$inferSelect): TaskRow => {
  const { effect, generation, kind, subject, stage, undo, input, attempt, tries, notBefore, deadline } = row;
  return {
    ...{ effect, generation, kind, subject, stage, undo, input, attempt, tries, notBefore, deadline },
    known: row.known ?? undefined,
    limit: row.attemptLimit,
    enqueued: row.enqueued,
    stopping: row.stopping,
    missingSince: row.missingSince ?? undefined,
  };
};
