import type Database from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type * as schema from './schema.ts';

/** The tables of an open ledger. */
export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database };
