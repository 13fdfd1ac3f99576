import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { PlacedSlot } from '../../../src/balancers/haproxy/placed.ts';
import { versionsIn } from '../../../src/balancers/haproxy/versions.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakery-versions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const slot = (epoch: number): PlacedSlot => ({
  saved: { slot: 'shop.production', port: 80, epoch, members: [] },
  places: {},
});

test('of two who decided on the same version one is told to decide anew', async () => {
  const versions = versionsIn(join(folder, 'two'), 'shop.production');
  const before = await versions.read();
  const both = await Promise.all([versions.follow(before, slot(1)), versions.follow(before, slot(2))]);
  expect(both.filter((won) => won)).toHaveLength(1);
  expect((await versions.read()).version).toBe(1);
});

test('a version decided on long ago counts for nothing, though its number is free again', async () => {
  const versions = versionsIn(join(folder, 'late'), 'shop.production');
  const frozen = await versions.read();
  for (let epoch = 1; epoch <= 20; epoch += 1)
    expect(await versions.follow(await versions.read(), slot(epoch))).toBe(true);
  expect(await versions.follow(frozen, slot(99))).toBe(false);
  expect((await versions.read()).placed?.saved.epoch).toBe(20);
  expect(readdirSync(join(folder, 'late')).length).toBeLessThan(12);
});
