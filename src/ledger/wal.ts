import { close, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import type Database from 'better-sqlite3';
import { perLedger } from './prepared.ts';
import { LedgerUnavailable } from './unavailable.ts';

const datasync = promisify(fdatasync);

/**
 * The write-ahead log of an open ledger. SQLite waits for the disk at each commit and holds up the whole process meanwhile;
 * a transaction in `unsynced` does not wait, and `sync` then has the system write the log out beside it. It is what SQLite
 * itself does, a moment later (https://www.sqlite.org/pragma.html#pragma_synchronous: in WAL mode NORMAL leaves out only
 * this one sync): whatever waits for `sync`, or for `settled`, is as durable as with FULL, and what is lost with the
 * machine's power is a suffix, never something in between.
 */
export class Wal {
  readonly #sqlite: Database.Database;
  readonly #datasync: (fd: number) => Promise<void>;
  #fd: number | undefined;
  #syncing: Promise<void> | undefined;
  #broken: LedgerUnavailable | undefined;

  constructor(sqlite: Database.Database, sync: (fd: number) => Promise<void> = datasync) {
    this.#sqlite = sqlite;
    this.#datasync = sync;
  }

  /** Whether there is a disk to wait for. */
  get onDisk(): boolean {
    return !this.#sqlite.memory;
  }

  /** Runs a transaction that is visible at once and not yet on the disk. Throws {@link LedgerUnavailable} after a failed sync. */
  unsynced(transaction: () => void): void {
    if (this.#broken !== undefined) throw this.#broken;
    this.#sqlite.pragma('synchronous = NORMAL');
    try {
      transaction();
    } finally {
      this.#sqlite.pragma('synchronous = FULL');
    }
  }

  /**
   * Resolves when all that was committed before is on the disk. Throws {@link LedgerUnavailable} when the disk refuses: then
   * nobody knows what of it is there, and nothing is decided until Bakery was started again.
   */
  async sync(): Promise<void> {
    if (!this.onDisk) return;
    const syncing = this.#writeOut().catch((error: unknown) => {
      this.#broken = new LedgerUnavailable(
        'The disk of the ledger did not take the last writes: they may or may not be there. Nothing is decided any more. Look at the disk, then start Bakery again.',
        { cause: error },
      );
      throw this.#broken;
    });
    this.#syncing = syncing;
    try {
      await syncing;
    } finally {
      if (this.#syncing === syncing) this.#syncing = undefined;
    }
  }

  async #writeOut(): Promise<void> {
    this.#fd ??= openSync(`${this.#sqlite.name}-wal`, 'r+');
    await this.#datasync(this.#fd);
  }

  /** Resolves when all that can be read now is on the disk: for what is acted on outside of the ledger. Throws as `sync` does. */
  async settled(): Promise<void> {
    await this.#syncing;
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** To be called when the ledger was closed. */
  close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) return;
    const closed = (): void => close(fd, () => {});
    if (this.#syncing === undefined) closed();
    else this.#syncing.then(closed, closed);
  }
}

/** The log of an open ledger. */
export const walOf = perLedger((db) => new Wal(db.$client));
