import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { audit } from './audit.ts';
import { schemaAge } from './database.ts';
import * as schema from './schema.ts';
import { unavailable } from './unavailable.ts';

/** What a look at a ledger found that changes nothing of it. */
export interface LedgerLook {
  /** Against this program's tables. `older`: it is brought up to date when Bakery starts. */
  schema: 'same' | 'older' | 'newer';
  /** What SQLite itself finds wrong with the file. */
  damage: string[];
  /** Unless the schema is another: how many events there are, and what does not fit the chain. */
  events?: number;
  problems: string[];
  /** The newest copy that `bakery backup` made. */
  backup?: Backup;
}

/** A copy that `bakery backup` made. */
export interface Backup {
  at: number;
  file: string;
}

/** Looks at the ledger of a data directory, also while it is in use; undefined when there is none. Throws LedgerUnavailable. */
export function examineLedger(dataDir: string): LedgerLook | undefined {
  const file = join(dataDir, 'ledger.sqlite');
  if (!existsSync(file)) return undefined;
  const sqlite = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    const age = schemaAge(sqlite);
    const damage = sqlite
      .prepare<[], { integrity_check: string }>('PRAGMA integrity_check(10)')
      .all()
      .map(({ integrity_check }) => integrity_check)
      .filter((line) => line !== 'ok');
    const found = age === 'same' && damage.length === 0 ? audit(drizzle(sqlite, { schema })) : undefined;
    const backup = lastBackup(dataDir);
    return {
      schema: age,
      damage,
      problems: found?.problems ?? [],
      ...(found === undefined ? {} : { events: found.events }),
      ...(backup === undefined ? {} : { backup }),
    };
  } catch (error) {
    throw unavailable(error);
  } finally {
    sqlite.close();
  }
}

const kept = (dataDir: string): string => join(dataDir, 'last-backup.json');

/** Keeps beside the ledger that a copy was made, for who asks how old the newest one is. */
export const noteBackup = (dataDir: string, backup: Backup): void =>
  writeFileSync(kept(dataDir), JSON.stringify(backup), { mode: 0o600 });

function lastBackup(dataDir: string): Backup | undefined {
  try {
    const { at, file }: Partial<Backup> = JSON.parse(readFileSync(kept(dataDir), 'utf8'));
    return typeof at === 'number' && typeof file === 'string' ? { at, file } : undefined;
  } catch {
    return undefined;
  }
}
