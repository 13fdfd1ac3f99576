import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { audit } from '../../src/ledger/audit.ts';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { releases } from '../../src/ledger/schema.ts';
import { LedgerUnavailable } from '../../src/ledger/unavailable.ts';
import { isOver } from '../../src/pipeline/domain/release.ts';
import { killChildren, startChild } from '../support/child.ts';
import { CoreWorld } from '../support/core-world.ts';
import { tempFolder } from '../support/temp-folder.ts';

afterAll(killChildren);

/** The first error of many pushes. */
async function pushUntilRefused(world: CoreWorld): Promise<unknown> {
  for (let count = 0; count < 500; count++) {
    const pushes = [`fill ${count}`, `more ${count}`].map((name) => world.push(name));
    const refused = (await Promise.allSettled(pushes)).find((one) => one.status === 'rejected');
    if (refused?.status === 'rejected') return refused.reason;
  }
  return undefined;
}

describe('a ledger in trouble', () => {
  it('writes nothing on a full disk and says so, and goes on when there is room', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(1_000);
    const { sqlite } = world.file;
    sqlite.pragma(`max_page_count = ${Number(sqlite.pragma('page_count', { simple: true })) + 4}`);
    const refused = await pushUntilRefused(world);
    expect(refused).toBeInstanceOf(LedgerUnavailable);
    expect(`${refused}`).toContain('full');
    const { problems, events } = audit(world.file.db);
    expect(problems).toEqual([]);
    await expect(world.push('still full')).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(audit(world.file.db).events).toBe(events);
    sqlite.pragma('max_page_count = 1000000');
    expect(await world.push('room again')).toMatchObject({ accepted: true });
    await world.run(60_000);
    expect(world.releases().every(isOver)).toBe(true);
    expect(audit(world.file.db).problems).toEqual([]);
  });

  it('writes nothing while another program holds its file, and says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bakery-locked-'));
    const world = new CoreWorld(undefined, openLedgerFile(folder));
    await world.push('one');
    const other = new Database(join(folder, 'ledger.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const refused = await world.push('two').catch((error: unknown) => error);
    other.close();
    expect(refused).toBeInstanceOf(LedgerUnavailable);
    expect(`${refused}`).toContain('another program');
    expect(world.releases()).toHaveLength(1);
    expect(await world.push('two')).toMatchObject({ accepted: true, version: 2 });
    expect(audit(world.file.db).problems).toEqual([]);
    world.file.close();
    rmSync(folder, { recursive: true });
  });

  it('that was killed with -9 during a write has all that was acknowledged, and is whole', async () => {
    const folder = tempFolder();
    let acknowledged = 0;
    for (let round = 0; round < 3; round++) {
      const writer = await startChild(new URL('../support/ledger-writer.ts', import.meta.url), folder, {
        acknowledged: (version: number) => {
          acknowledged = Math.max(acknowledged, version);
        },
      });
      const enough = acknowledged + 5 + 4 * round;
      await writer.says(`acknowledged ${enough}`, 20_000);
      await writer.kill();
      const file = openLedgerFile(folder);
      expect(audit(file.db).problems).toEqual([]);
      const versions = file.db.select().from(releases).all().length;
      expect(versions).toBeGreaterThanOrEqual(acknowledged);
      file.close();
    }
  }, 60_000);
});
