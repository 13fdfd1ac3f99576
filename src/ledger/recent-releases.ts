import type { Release } from '../pipeline/domain/release.ts';
import type { Db } from './database.ts';
import { perLedger } from './prepared.ts';
import { rowStatements } from './row-statements.ts';

/** How many of the newest releases every decision sees: enough to find what can be gone back to. */
const recent = 20;

/**
 * The newest releases of each service, kept since they were last read: reading them anew for every decision was a tenth
 * of its cost. Valid as long as only this connection writes, which SQLite tells (`PRAGMA data_version`:
 * https://www.sqlite.org/pragma.html#pragma_data_version).
 */
class RecentReleases {
  readonly #rows: ReturnType<typeof rowStatements>;
  readonly #dataVersion: () => unknown;
  readonly #known = new Map<string, Release[]>();
  #seen: unknown;

  constructor(db: Db) {
    this.#rows = rowStatements(db);
    const statement = db.$client.prepare('PRAGMA data_version').pluck();
    this.#dataVersion = () => statement.get();
  }

  /** Newest first. */
  of(service: string): Release[] {
    const version = this.#dataVersion();
    if (version !== this.#seen) this.forget();
    this.#seen = version;
    const known = this.#known.get(service);
    if (known !== undefined) return known;
    const read = this.#rows.newestReleases.all({ service, limit: recent }).map(({ row }) => row);
    this.#known.set(service, read);
    return read;
  }

  /** To be told of every row that this connection writes. */
  written(row: Release): void {
    const known = this.#known.get(row.service);
    if (known === undefined) return;
    const others = known.filter(({ version }) => version !== row.version);
    const all = [...others, row].sort((a, b) => b.version - a.version);
    this.#known.set(row.service, all.slice(0, recent));
  }

  /** To be called when what was written was undone. */
  forget(): void {
    this.#known.clear();
  }
}

/** The newest releases of an open ledger. */
export const recentReleases = perLedger((db) => new RecentReleases(db));
