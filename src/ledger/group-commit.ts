import type Database from 'better-sqlite3';
import { unavailable } from './unavailable.ts';
import type { Wal } from './wal.ts';

interface Waiting {
  /** Runs the write inside the transaction, and keeps its result. */
  attempt(): void;
  /** Tells whoever waits, once it is on the disk. */
  settle(): void;
  fail(error: unknown): void;
  /** What the write threw, if it did. */
  thrown(): unknown;
}

/** What is kept of the tables beside them. */
interface Memory {
  /** A transaction has begun: another program may have written. */
  begin(): void;
  /** What was written was undone. */
  forget(): void;
}

/** How long a write that nobody waits for may lie, in milliseconds. */
const longest = 100;

/**
 * Writes that come in the same turn of the event loop, or while the disk still takes the ones before, share one
 * transaction, and so one wait for the disk. Each stands alone all the same: one that throws is undone by itself (a
 * savepoint), and none is told of before all are on the disk.
 */
export class GroupCommit {
  readonly #sqlite: Database.Database;
  readonly #wal: Wal;
  readonly #memory: Memory;
  /** A transaction, and inside of one a savepoint. Made once, since making it takes longer than running it. */
  readonly #transaction: Database.Transaction<(work: () => unknown) => unknown>;
  #waiting: Waiting[] = [];
  #busy = false;
  #along: (() => void)[] = [];
  #alongTimer: NodeJS.Timeout | undefined;

  constructor(sqlite: Database.Database, wal: Wal, memory: Memory) {
    this.#sqlite = sqlite;
    this.#wal = wal;
    this.#memory = memory;
    this.#transaction = sqlite.transaction((work) => work());
  }

  /** Resolves to what `work` returned once it is committed; rejects with what it threw, and then it wrote nothing. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: { value: T } | { error: unknown } | undefined;
      this.#waiting.push({
        attempt: () => {
          try {
            result = { value: this.#transaction(work) as T };
          } catch (error) {
            result = { error };
          }
        },
        settle: () => {
          if (result === undefined) reject(new Error('a write of the ledger was not tried'));
          else if ('value' in result) resolve(result.value);
          else reject(result.error);
        },
        fail: reject,
        thrown: () => (result !== undefined && 'error' in result ? result.error : undefined),
      });
      this.#next();
    });
  }

  /**
   * Writes along with the next group, or soon by itself: for what is only remembered to save work, and costs no wait for
   * the disk of its own. It is lost when the process dies before, and may run twice.
   */
  later(work: () => void): void {
    this.#along.push(work);
    this.#alongTimer ??= setTimeout(() => {
      this.#alongTimer = undefined;
      this.written().catch(() => {}); // the disk is full: the next group takes it along
    }, longest).unref();
  }

  /** Resolves when all that was to be written later is written. */
  async written(): Promise<void> {
    if (this.#along.length > 0) await this.run(() => {});
  }

  /** One group after the other: the next one gathers while the disk takes this one. */
  #next(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    setImmediate(() => {
      const group = this.#commit();
      if (group.length === 0 || !this.#wal.onDisk) this.#over(group);
      else {
        this.#wal.sync().then(
          () => this.#over(group),
          (error: unknown) => this.#over(group, error),
        );
      }
    });
  }

  #over(group: Waiting[], error?: unknown): void {
    this.#busy = false;
    for (const one of group) error === undefined ? one.settle() : one.fail(error);
    this.#next();
  }

  /** Returns those that were written, each with its own result. */
  #commit(): Waiting[] {
    const along = this.#along;
    const group = this.#waiting;
    this.#waiting = [];
    if (!this.#sqlite.open) {
      for (const one of group) one.fail(new Error('the ledger was closed'));
      return [];
    }
    const together = (): void => {
      this.#memory.begin();
      for (const write of along) write();
      for (const one of group) {
        one.attempt();
        // A full disk undoes the whole transaction: what comes after must not be written on its own.
        if (!this.#sqlite.inTransaction) throw one.thrown() ?? new Error('the transaction was lost');
      }
    };
    try {
      this.#wal.unsynced(() => this.#transaction.immediate(together));
    } catch (error) {
      // A full or locked disk: nothing of the group was written.
      const reason = unavailable(error);
      this.#memory.forget();
      for (const one of group) one.fail(reason);
      return [];
    }
    this.#along = [];
    return group;
  }
}
