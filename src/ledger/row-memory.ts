import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { Installation } from '../pipeline/domain/installation.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Standby } from '../pipeline/domain/standby.ts';
import type { Db } from './db.ts';
import type { OpenTaskRows } from './open-task-rows.ts';
import { perLedger } from './prepared.ts';

/** How many rows of one kind are kept: those that were written last. */
const most = 500;

/** Rows of one kind, as they were last read or written. */
class Kept<Row> {
  readonly #rows = new Map<string, { row: Row }>();

  get(key: string, read: () => Row): Row {
    const known = this.#rows.get(key);
    if (known !== undefined) return known.row;
    const row = read();
    this.put(key, row);
    return row;
  }

  put(key: string, row: Row): void {
    this.#rows.delete(key);
    this.#rows.set(key, { row });
    if (this.#rows.size <= most) return;
    const [oldest] = this.#rows.keys();
    if (oldest !== undefined) this.#rows.delete(oldest);
  }

  /** Changes what is known; what is not known is read when it is asked for. */
  change(key: string, changed: (row: Row) => Row): void {
    const known = this.#rows.get(key);
    if (known !== undefined) this.#rows.set(key, { row: changed(known.row) });
  }

  clear(): void {
    this.#rows.clear();
  }
}

/**
 * What decisions and commits read again and again, kept since it was last read or written: reading it anew was a fifth
 * of their cost. Valid as long as only this connection writes, which SQLite tells (`PRAGMA data_version`:
 * https://www.sqlite.org/pragma.html#pragma_data_version), and inside transactions only.
 */
class RowMemory {
  readonly installation = new Kept<Installation | undefined>();
  readonly services = new Kept<Service | undefined>();
  readonly releases = new Kept<Release | undefined>();
  readonly deployments = new Kept<Deployment | undefined>();
  /** By service. */
  readonly slots = new Kept<Slot[]>();
  readonly standbys = new Kept<Standby[]>();
  readonly recentReleases = new Kept<Release[]>();
  /** By stream. */
  readonly versions = new Kept<number>();
  readonly lastHash = new Kept<string>();
  /** All of them, under one key. */
  readonly tasks = new Kept<OpenTaskRows>();
  readonly #dataVersion: () => unknown;
  #seen: unknown;

  constructor(db: Db) {
    const statement = db.$client.prepare('PRAGMA data_version').pluck();
    this.#dataVersion = () => statement.get();
  }

  /** To be called at the beginning of a transaction: another connection may have written. */
  begin(): void {
    const version = this.#dataVersion();
    if (version !== this.#seen) this.forget();
    this.#seen = version;
  }

  /** To be called when what was written was undone. */
  forget(): void {
    this.installation.clear();
    this.services.clear();
    this.releases.clear();
    this.deployments.clear();
    this.slots.clear();
    this.standbys.clear();
    this.recentReleases.clear();
    this.versions.clear();
    this.lastHash.clear();
    this.tasks.clear();
  }
}

/** The memory of an open ledger. */
export const rowMemory = perLedger((db) => new RowMemory(db));
