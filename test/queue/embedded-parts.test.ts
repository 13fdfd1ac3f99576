import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, describe, expect, test } from 'vitest';
import { holdExclusively } from '../../src/queue/embedded/exclusive.ts';
import { pgliteAsPool } from '../../src/queue/embedded/pool.ts';

const directory = mkdtempSync(join(tmpdir(), 'bakery-lock-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the lock of a data directory', () => {
  const file = join(directory, 'lock');

  test('is taken over from a process that is gone, or whose number another has now', () => {
    const release = holdExclusively(file, directory);
    const mine = JSON.parse(readFileSync(file, 'utf8'));
    release();
    for (const holder of [
      { ...mine, started: '1' },
      { ...mine, boot: 'before' },
      { ...mine, pid: 2 ** 22 + 1 },
    ]) {
      writeFileSync(file, JSON.stringify(holder));
      holdExclusively(file, directory)();
    }
    writeFileSync(file, 'cut off in the mid');
    holdExclusively(file, directory)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is refused while a living process has it, and is left as it was', () => {
    const release = holdExclusively(file, directory);
    const before = readFileSync(file, 'utf8');
    expect(() => holdExclusively(file, directory)).toThrow(`in use by process ${process.pid}`);
    expect(readFileSync(file, 'utf8')).toBe(before);
    release();
  });
});

describe('PGlite in the shape of a pool', () => {
  const channels = new Map<string, (payload: string) => void>();
  const statements: string[] = [];
  const db = {
    query: async (text: string) => {
      statements.push(text);
      return { rows: [{ n: 1 }] };
    },
    listen: async (channel: string, heard: (payload: string) => void) => void channels.set(channel, heard),
  } as unknown as PGlite; // the two methods that the pool calls

  test('refuses a transaction, which would take in what everybody else asks', async () => {
    const pool = pgliteAsPool(db);
    for (const text of ['BEGIN', ' start transaction', '-- why\nCOMMIT', 'ROLLBACK'])
      await expect(pool.query(text)).rejects.toThrow('one session');
    expect(statements).toEqual([]);
    expect(await pool.query('SELECT 1')).toEqual({ rows: [{ n: 1 }], rowCount: 1 });
  });

  test('passes a notification to every client until it is released', async () => {
    const pool = pgliteAsPool(db);
    const [one, two] = [await pool.connect(), await pool.connect()];
    const heard: string[] = [];
    one.on('notification', ({ payload }) => heard.push(`one ${payload}`));
    two.on('notification', ({ payload }) => heard.push(`two ${payload}`));
    await one.query('-- subscribes\nLISTEN bullmq_jobs;');
    channels.get('bullmq_jobs')?.('q');
    two.release();
    channels.get('bullmq_jobs')?.('q');
    expect(heard).toEqual(['one q', 'two q', 'one q']);
  });
});
