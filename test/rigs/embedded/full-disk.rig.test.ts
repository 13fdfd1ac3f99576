import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { audit } from '../../../src/ledger/audit.ts';
import { openLedgerFile } from '../../../src/ledger/database.ts';
import { LedgerUnavailable } from '../../../src/ledger/unavailable.ts';
import { isOver } from '../../../src/pipeline/domain/release.ts';
import { CoreWorld } from '../../support/core-world.ts';

/** A disk of its own in memory, which really gets full. */
function smallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bakery-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Until not a byte more fits. */
function fill(file: string): void {
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
}

test('a ledger on a disk that is really full writes nothing and says so, and goes on when there is room', async () => {
  const disk = smallDisk();
  const world = new CoreWorld(undefined, openLedgerFile(disk));
  onTestFinished(() => world.file.close());
  await world.push('one');
  await world.run(1_000);
  const filler = join(disk, 'filler');
  fill(filler);
  let acknowledged = 1;
  let refused: unknown;
  // What a write-ahead log has room for is used again: some more still fit.
  for (; refused === undefined && acknowledged < 2_000; acknowledged += 1)
    refused = await world.push(`more ${acknowledged}`).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(refused).toBeInstanceOf(LedgerUnavailable);
  expect(`${refused}`).toContain('full');
  const { problems, events } = audit(world.file.db);
  expect(problems).toEqual([]);
  expect(world.releases()).toHaveLength(acknowledged - 1);
  await expect(world.push('still full')).rejects.toBeInstanceOf(LedgerUnavailable);
  expect(audit(world.file.db).events).toBe(events);
  rmSync(filler);
  expect(await world.push('room again')).toMatchObject({ accepted: true });
  await world.run(60_000);
  expect(world.releases().every(isOver)).toBe(true);
  expect(audit(world.file.db).problems).toEqual([]);
}, 120_000);
