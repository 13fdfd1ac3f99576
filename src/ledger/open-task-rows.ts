import { subjectKey, type TaskId } from '../pipeline/domain/task.ts';
import type { TaskRow } from '../pipeline/ledger.ts';
import { attemptId } from '../pipeline/task-queue.ts';

/** All tasks that are not over, in the order in which they were ordered, found by what they are asked for by. */
export class OpenTaskRows {
  readonly #rows = new Map<string, TaskRow>();
  readonly #byJob = new Map<string, TaskRow>();
  readonly #byService = new Map<string, Map<string, TaskRow>>();
  readonly #toEnqueue = new Map<string, TaskRow>();
  readonly #stopping = new Map<string, TaskRow>();

  constructor(rows: readonly TaskRow[]) {
    for (const row of rows) this.put(row);
  }

  get(task: TaskId): TaskRow | undefined {
    return this.#rows.get(idOf(task));
  }

  /** The task whose current attempt is this job. */
  ofJob(job: string): TaskRow | undefined {
    return this.#byJob.get(job);
  }

  ofService(service: string): TaskRow[] {
    return [...(this.#byService.get(service)?.values() ?? [])];
  }

  /** Not in the queue as far as is known, and not to be stopped. */
  get toEnqueue(): TaskRow[] {
    return [...this.#toEnqueue.values()];
  }

  get stopping(): TaskRow[] {
    return [...this.#stopping.values()];
  }

  get all(): TaskRow[] {
    return [...this.#rows.values()];
  }

  put(row: TaskRow): void {
    const id = idOf(row);
    const before = this.#rows.get(id);
    if (before !== undefined) this.#byJob.delete(attemptId(before));
    this.#rows.set(id, row);
    this.#byJob.set(attemptId(row), row);
    this.#servicesTasks(row).set(id, row);
    kept(this.#toEnqueue, id, row, !row.enqueued && !row.stopping);
    kept(this.#stopping, id, row, row.stopping);
  }

  /** Puts what the change makes of a row that is there. */
  change(task: TaskId, change: (row: TaskRow) => TaskRow): void {
    const row = this.get(task);
    if (row !== undefined) this.put(change(row));
  }

  /** Marks all of these subjects as to be stopped, but for what undoes. */
  stop(subjects: readonly string[]): void {
    for (const row of this.all)
      if (!row.undo && subjects.includes(subjectKey(row.subject))) this.put({ ...row, stopping: true });
  }

  delete(task: TaskId): void {
    const id = idOf(task);
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.delete(id);
    this.#byJob.delete(attemptId(row));
    this.#toEnqueue.delete(id);
    this.#stopping.delete(id);
    const { service } = row.subject;
    const left = this.#servicesTasks(row);
    left.delete(id);
    if (left.size === 0) this.#byService.delete(service);
  }

  #servicesTasks({ subject: { service } }: TaskRow): Map<string, TaskRow> {
    const known = this.#byService.get(service);
    if (known !== undefined) return known;
    const made = new Map<string, TaskRow>();
    this.#byService.set(service, made);
    return made;
  }
}

const idOf = ({ effect, generation }: TaskId): string => `${effect}:${generation}`;

function kept(rows: Map<string, TaskRow>, id: string, row: TaskRow, stays: boolean): void {
  if (stays) rows.set(id, row);
  else rows.delete(id);
}
