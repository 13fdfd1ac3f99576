import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { describe, expect, it } from 'vitest';
import { audit } from '../../src/ledger/audit.ts';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { CoreWorld } from '../support/core-world.ts';
import { tempFolder } from '../support/temp-folder.ts';

const migrations = new URL('../../migrations', import.meta.url).pathname;
const names = readdirSync(migrations)
  .filter((name) => name.endsWith('.sql'))
  .sort();

/** A database with the schema that it had after the first `count` migrations. */
function earlier(count: number): { folder: string; sqlite: Database.Database } {
  const folder = tempFolder();
  const some = join(folder, 'migrations');
  mkdirSync(join(some, 'meta'), { recursive: true });
  for (const name of names.slice(0, count)) cpSync(join(migrations, name), join(some, name));
  const journal = JSON.parse(readFileSync(join(migrations, 'meta', '_journal.json'), 'utf8'));
  const entries = journal.entries.slice(0, count);
  writeFileSync(join(some, 'meta', '_journal.json'), JSON.stringify({ ...journal, entries }));
  const sqlite = new Database(join(folder, 'ledger.sqlite'));
  migrate(drizzle(sqlite), { migrationsFolder: some });
  return { folder, sqlite };
}

/** Brings over what the tables of both have in common. */
function copyRows(from: Database.Database, to: Database.Database): void {
  const tables = to
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'`,
    )
    .pluck()
    .all();
  for (const table of tables) {
    const columns = to.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
    const list = columns.map((column) => `"${column}"`).join(', ');
    const insert = to.prepare(
      `INSERT INTO "${table}" (${list}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    for (const row of from.prepare(`SELECT ${list} FROM "${table}"`).raw().all()) insert.run(row);
  }
}

/** v1 is live, v2 asks for approval, v3 builds. */
async function inFlight(): Promise<CoreWorld> {
  const world = new CoreWorld();
  await world.push('one');
  await world.run(5_000);
  await world.approve('hello.production.1');
  await world.run(60_000);
  await world.push('two');
  await world.run(10_000);
  return world;
}

describe('a ledger of an earlier schema', () => {
  it.each(names.map((name, index) => [name, index + 1] as const))(
    'after %s is brought up to date with its data, and goes on',
    async (_name, count) => {
      const before = await inFlight();
      const { folder, sqlite } = earlier(count);
      copyRows(before.file.sqlite, sqlite);
      sqlite.close();
      const file = openLedgerFile(folder);
      expect(audit(file.db).problems).toEqual([]);
      const world = new CoreWorld(undefined, file);
      world.now = before.now;
      for (const id of before.running) world.running.add(id);
      for (const [slot, weights] of before.weights) world.weights.set(slot, { ...weights });
      expect(await world.approve('hello.production.2')).toMatchObject({ accepted: true });
      await world.run(60_000);
      expect(world.slot('production').live?.version).toBe(2);
      expect(audit(file.db).problems).toEqual([]);
      file.close();
    },
  );
});
