import type Database from 'better-sqlite3';
import { is, Param, Placeholder, type Query, sql } from 'drizzle-orm';
import type { Db } from './db.ts';

/** A value that is given when the statement runs. */
export const given = (name: string): Placeholder => sql.placeholder(name);

/** The value that an insert met a row with. */
export const excluded = (column: string) => sql.raw(`excluded.${column}`);

/** The values of a JSON list, for `IN`: a prepared statement cannot have a list of unknown length. */
export const listed = (name: string) => sql`(SELECT value FROM json_each(${given(name)}))`;

/** The values of a statement's parameters, by name. */
type Values = Record<string, unknown>;

/**
 * A write whose parameters are looked at once, when it is prepared: drizzle does it each time it runs, which was a tenth
 * of a commit's time. Throws what the database throws.
 */
export function write(db: Db, built: { toSQL(): Query }): { run(values: Values): Database.RunResult } {
  const { sql: text, params } = built.toSQL();
  const statement = db.$client.prepare(text);
  const bound = params.map(boundTo);
  return { run: (values) => statement.run(...bound.map((value) => value(values))) };
}

function boundTo(param: unknown): (values: Values) => unknown {
  if (is(param, Placeholder)) return (values) => named(values, param.name);
  if (is(param, Param) && is(param.value, Placeholder)) {
    const { name } = param.value;
    return (values) => param.encoder.mapToDriverValue(named(values, name));
  }
  return () => param;
}

function named(values: Values, name: string): unknown {
  if (!(name in values)) throw new TypeError(`The statement lacks its value ${name}.`);
  return values[name];
}

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
