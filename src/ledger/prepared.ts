import { type Placeholder, sql } from 'drizzle-orm';
import type { Db } from './database.ts';

/** A value that is given when the statement runs. */
export const given = (name: string): Placeholder => sql.placeholder(name);

/** The value that an insert met a row with. */
export const excluded = (column: string) => sql.raw(`excluded.${column}`);

/** The values of a JSON list, for `IN`: a prepared statement cannot have a list of unknown length. */
export const listed = (name: string) => sql`(SELECT value FROM json_each(${given(name)}))`;

/**
 * Statements that are prepared once for each open ledger: building and preparing them anew took two thirds of a commit's
 * time. They run inside whatever transaction the ledger's connection is in.
 */
export function perLedger<Statements>(prepare: (db: Db) => Statements): (db: Db) => Statements {
  const byLedger = new WeakMap<Db, Statements>();
  return (db) => {
    const known = byLedger.get(db);
    if (known !== undefined) return known;
    const made = prepare(db);
    byLedger.set(db, made);
    return made;
  };
}
