import { describe, expect, it } from 'vitest';
import { calendarOf } from '../../src/config/calendar.ts';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';
import { tempFolder } from '../support/temp-folder.ts';

const first = 'hello.production.1';
const second = 'hello.production.2';
const day = 24 * 3_600_000;
const thursday = Date.parse('2026-11-26T12:00:00Z');
const weekend = { name: 'weekend', from: '0 16 * * 5', to: '0 8 * * 1', zone: 'UTC' };

const people = { bake: ['*'], approve: ['T1/UADA', 'T1/UBOB'], rollback: ['*'], retire: ['*'], lock: ['*'] };
const production = (more: Partial<EnvironmentPolicy> = {}): EnvironmentPolicy =>
  environment('production', 4003, {
    promotion: 'approval',
    approvals: 1,
    selfApproval: false,
    approveWithin: 7 * day,
    soak: 60_000,
    production: true,
    ...more,
  });
const asking = (more: Partial<EnvironmentPolicy> = {}) =>
  policy({ people, environments: [environment('dev', 4001), production(more)] });

/** The operators' files say something else of production from here on. */
function change(world: CoreWorld, more: Partial<EnvironmentPolicy>): void {
  Object.assign(world.parts, { policies: new Map([['hello', asking(more)]]) });
}

describe('a freeze that began and ended while nobody looked', () => {
  const frozenAtWeekends = (world: CoreWorld): CoreWorld => {
    world.parts.calendar = (service) => calendarOf(service, { freezes: [weekend] });
    return world;
  };

  it('voids what was approved before it, once Bakery is up again', async () => {
    const file = openLedgerFile(':memory:');
    const before = frozenAtWeekends(new CoreWorld(asking({ approvals: 2 }), file));
    before.now = thursday;
    await before.push('one', eve);
    await before.run(5_000);
    await before.approve(first, ada);
    expect(before.deployment(first).approvals).toHaveLength(1);
    const after = frozenAtWeekends(new CoreWorld(asking({ approvals: 2 }), file));
    after.now = thursday + 4 * day;
    await after.run(2_000);
    expect(after.deployment(first)).toMatchObject({ approvals: [], wait: { for: 'approval' } });
  });

  it('voids it on a machine that slept through it, too', async () => {
    const world = frozenAtWeekends(new CoreWorld(asking({ approvals: 2 })));
    world.now = thursday;
    await world.push('one', eve);
    await world.run(5_000);
    await world.approve(first, ada);
    await world.run(5_000);
    world.now = thursday + 4 * day;
    await world.run(2_000);
    expect(world.deployment(first).approvals).toEqual([]);
  });

  it('leaves a yes that is given before the first look as the only one', async () => {
    const world = frozenAtWeekends(new CoreWorld(asking({ approvals: 2 })));
    world.now = thursday;
    await world.push('one', eve);
    await world.run(5_000);
    await world.approve(first, ada);
    world.now = thursday + 4 * day;
    expect(await world.approve(first, bob)).toMatchObject({ accepted: true });
    expect(world.deployment(first)).toMatchObject({ stage: 'approve', approvals: [{ by: bob }] });
  });

  it('is noticed at the launch as well, where the slot was waited for', async () => {
    const world = frozenAtWeekends(await withSecondApproved());
    world.now = thursday + 4 * day;
    await world.run(90_000);
    expect(world.deployment(second)).toMatchObject({ stage: 'approve', approvals: [] });
  });
});

/** v1 is being watched in production, and v2 has been approved and waits for the slot. */
async function withSecondApproved(): Promise<CoreWorld> {
  const world = new CoreWorld(asking());
  world.now = thursday;
  await world.push('one', eve);
  await world.run(5_000);
  await world.approve(first, ada);
  await world.run(10_000);
  await world.push('two', eve);
  await world.run(5_000);
  expect(await world.approve(second, ada)).toMatchObject({ accepted: true });
  expect(world.deployment(second)).toMatchObject({ stage: 'launch', wait: { for: 'slot' } });
  return world;
}

describe('what the files ask for by the time of the launch', () => {
  it('is asked for then: more people than had agreed are asked, and what was given counts', async () => {
    const world = await withSecondApproved();
    change(world, { approvals: 2 });
    await world.run(2 * 60_000);
    expect(world.eventTypes()).toContain('MoreApprovalsAsked');
    expect(world.deployment(second)).toMatchObject({ stage: 'approve', approvals: [{ by: ada }] });
    expect(world.slot('production').live?.version).toBe(1);
    expect(await world.approve(second, bob)).toMatchObject({ accepted: true });
    await world.run(2 * 60_000);
    expect(world.slot('production').live?.version).toBe(2);
  });

  it('is one of others than had agreed: one of them is asked', async () => {
    const world = await withSecondApproved();
    change(world, { oneOf: ['T1/UBOB'] });
    await world.run(2 * 60_000);
    expect(world.deployment(second)).toMatchObject({ stage: 'approve', approvals: [{ by: ada }] });
    await world.approve(second, bob);
    await world.run(2 * 60_000);
    expect(world.slot('production').live?.version).toBe(2);
  });

  it('is a person’s yes where it went by itself before: somebody is asked', async () => {
    const world = new CoreWorld(asking({ promotion: 'auto', approvals: 0 }));
    await world.push('one', eve);
    await world.run(15_000);
    await world.push('two', eve);
    await world.run(15_000);
    expect(world.deployment(second).wait?.for).toBe('slot');
    change(world, {});
    await world.run(2 * 60_000);
    expect(world.deployment(second)).toMatchObject({ stage: 'approve', wait: { for: 'approval' } });
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('is not one’s own yes any more: it does not count where it did when it was given', async () => {
    const world = new CoreWorld(asking({ selfApproval: true, approvals: 2 }));
    await world.push('one', ada);
    await world.run(5_000);
    await world.approve(first, ada);
    change(world, { approvals: 2 });
    await world.run(1_000);
    await world.approve(first, bob);
    await world.run(2 * 60_000);
    expect(world.slot('production').live).toBeUndefined();
  });
});

describe('who is asked of what waits', () => {
  it('is named as the files say it today, and the card is drawn anew when they change', async () => {
    const world = new CoreWorld(asking());
    await world.push('one', eve);
    await world.run(5_000);
    const drawnAt = () =>
      world.file.sqlite.prepare("SELECT revision FROM messages WHERE key LIKE '%release%'").pluck().get();
    const before = drawnAt();
    change(world, { approvals: 2, oneOf: ['T1/UBOB'] });
    await world.run(2_000);
    expect(Number(drawnAt())).toBeGreaterThan(Number(before));
    const query = sqliteQueries({
      db: world.file.db,
      store: directoryStore(tempFolder()),
      policies: world.parts.policies,
      now: () => world.now,
    });
    const asked = { approvals: 2, oneOf: ['T1/UBOB'] };
    expect((await query.deployment(first))?.deployment.plan).toMatchObject(asked);
    expect((await query.release('hello', 1))?.deployments.at(-1)?.plan).toMatchObject(asked);
    expect((await query.service('hello'))?.open.deployments[0]?.plan).toMatchObject(asked);
    expect(world.deployment(first).plan.approvals).toBe(1);
  });
});
