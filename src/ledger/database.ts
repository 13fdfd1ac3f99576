import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import type { Db } from './db.ts';
import * as schema from './schema.ts';
import { LedgerUnavailable, unavailable } from './unavailable.ts';
import { walOf } from './wal.ts';

export interface LedgerFile {
  db: Db;
  sqlite: Database.Database;
  close(): void;
}

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Opens the ledger of a data directory (`:memory:` for tests) and brings its tables up to date.
 * Throws {@link LedgerUnavailable} when the database is newer than this program, or locked by something else.
 */
export function openLedgerFile(dataDir: string): LedgerFile {
  if (dataDir !== ':memory:') mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const sqlite = new Database(dataDir === ':memory:' ? dataDir : join(dataDir, 'ledger.sqlite'), {
    timeout: 2_000,
  });
  try {
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    // Pages, 16 MB of them: a checkpoint holds up the process for two waits for the disk, and rows change many times.
    sqlite.pragma('wal_autocheckpoint = 4000');
    sqlite.pragma('foreign_keys = ON');
    refuseNewer(sqlite);
    const db = drizzle(sqlite, { schema });
    migrate(db, { migrationsFolder });
    const close = (): void => {
      sqlite.close();
      walOf(db).close();
    };
    return { db, sqlite, close };
  } catch (error) {
    sqlite.close();
    throw unavailable(error);
  }
}

/**
 * Holds the right to be the coordinator of a data directory until the process ends, however it ends.
 * Returns undefined when another process holds it. The lock is SQLite's own, on a file beside the ledger.
 */
export function takeCoordinatorLock(dataDir: string): { release(): void } | undefined {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = new Database(join(dataDir, 'coordinator.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return { release: () => lock.close() };
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw unavailable(error);
  }
}

function refuseNewer(sqlite: Database.Database): void {
  if (schemaAge(sqlite) === 'newer') {
    throw new LedgerUnavailable(
      'The ledger was written by a newer Bakery. Nothing was changed. Start that version, or restore a backup of this one.',
    );
  }
}

/** How the tables of a database stand to those of this program. An empty one is older. */
export function schemaAge(sqlite: Database.Database): 'same' | 'older' | 'newer' {
  const known = sqlite.prepare(`SELECT name FROM sqlite_master WHERE name = '__drizzle_migrations'`).get();
  if (known === undefined) return 'older';
  const newest = sqlite.prepare('SELECT max(created_at) AS at FROM __drizzle_migrations').get();
  const journal: unknown = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8'));
  const ours = Math.max(...entriesOf(journal).map(({ when }) => when));
  const theirs = isRecord(newest) && typeof newest.at === 'number' ? newest.at : 0;
  if (theirs > ours) return 'newer';
  return theirs < ours ? 'older' : 'same';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isBusy = (error: unknown): boolean =>
  isRecord(error) && typeof error.code === 'string' && error.code.startsWith('SQLITE_BUSY');

function entriesOf(journal: unknown): { when: number }[] {
  if (!isRecord(journal) || !Array.isArray(journal.entries)) return [];
  return journal.entries.filter(
    (entry): entry is { when: number } => isRecord(entry) && typeof entry.when === 'number',
  );
}
