import { expect, it } from 'vitest';
import { tableRows } from '../../src/ledger/rows.ts';
import type { Batch } from '../../src/pipeline/ledger.ts';
import { GroupWorld } from '../support/group-world.ts';
import { ada } from '../support/policies.ts';

it('batches that are committed together are all written, or none of them', async () => {
  const world = new GroupWorld();
  await world.ship('one');
  const { versions } = await world.ledger.load('worker', {});
  const lock = { by: ada, since: 1, until: 2, nagAt: 2, reason: 'why' };
  const batch = (service: string, expected: Record<string, number>): Batch => ({
    ...{ at: world.now, by: ada, expect: expected, texts: {}, orders: [], stop: [], channel: '' },
    events: [{ type: 'SlotLocked', service, environment: 'dev', lock }],
  });
  const stale = batch('api', { 'service/api': 999 });
  const before = world.story().length;
  expect(await world.ledger.commitTogether([batch('worker', versions), stale])).toBe('conflict');
  expect(world.story()).toHaveLength(before);
  // Nor does the ledger remember what was undone.
  expect((await world.ledger.load('worker', {})).facts.slots.get('dev')?.lock).toBeUndefined();
  expect((await world.ledger.load('worker', {})).versions).toEqual(versions);
  expect(await world.ledger.commitTogether([batch('worker', versions), batch('api', {})])).toBe('committed');
  const rows = tableRows(world.file.db);
  expect([rows.slot('worker', 'dev')?.lock, rows.slot('api', 'dev')?.lock]).toEqual([lock, lock]);
});
