import { mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeOldScratch, scratchKept } from '../../../src/pipeline/tasks/old-scratch.ts';
import { inScratch } from '../../../src/pipeline/tasks/scratch.ts';

test('what a killed worker left in its scratch folder goes after a day, what runs stays', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'bakery-scratch-'));
  const now = Date.now();
  const leave = (name: string, age: number): void => {
    mkdirSync(join(scratch, name, 'tree'), { recursive: true });
    writeFileSync(join(scratch, name, 'tree', 'file'), 'left');
    utimesSync(join(scratch, name), (now - age) / 1_000, (now - age) / 1_000);
  };
  leave('0123456789abcdef', scratchKept + 1_000);
  leave('fedcba9876543210', scratchKept - 60_000);
  leave('somebody-elses', 10 * scratchKept);
  await inScratch(scratch, 'test', async () => {
    expect(await removeOldScratch(scratch, now)).toBe(1);
    expect(readdirSync(scratch)).toHaveLength(3);
  });
  expect(readdirSync(scratch).toSorted()).toEqual(['fedcba9876543210', 'somebody-elses']);
});
