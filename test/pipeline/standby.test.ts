import { describe, expect, it } from 'vitest';
import { standbyLasting, standbyNow } from '../../src/bot/views/standby.ts';
import { messages } from '../../src/ledger/schema.ts';
import { standbyViews } from '../../src/ledger/standby-views.ts';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import type { Standby } from '../../src/pipeline/domain/standby.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, environment, policy } from '../support/policies.ts';

const hour = 3_600_000;

/** v1 and v2 went live; v2 is live, v1 is retired or still runs. */
async function twoShipped(more: Partial<EnvironmentPolicy> = {}): Promise<CoreWorld> {
  const production = environment('production', 4003, { retireAfter: 10 * hour, ...more });
  const world = new CoreWorld(policy({ environments: [production] }));
  for (const name of ['one', 'two']) {
    await world.push(name);
    await world.run(60_000);
  }
  expect(world.slot('production')).toMatchObject({ live: { version: 2 }, beside: { version: 1 } });
  return world;
}

const standby = async (world: CoreWorld): Promise<Standby | undefined> =>
  (await world.ledger.standbys()).find((one) => one.environment === 'production');

const notices = (world: CoreWorld): number =>
  world.file.db
    .select()
    .from(messages)
    .all()
    .filter(({ content }) => content.kind === 'notice').length;

describe('what an environment would go back to', () => {
  it('is looked at every hour, and said with its age and the time it takes', async () => {
    const world = await twoShipped();
    await world.upkeep(30_000);
    const first = await standby(world);
    expect(first).toMatchObject({ version: 1, live: 2, state: 'present' });
    await world.upkeep(hour + 60_000);
    const checks = world.attempts.filter(({ kind }) => kind === 'check');
    expect(checks).toHaveLength(2);
    const [view] = standbyViews(world.file.db, 'hello');
    const known = { ...view, startedIn: 12_000 } as NonNullable<typeof view>;
    expect(standbyNow(known, known.checkedAt + 3 * hour)).toBe('↩️ goes back to v1, checked 3h ago, 12s');
    expect(standbyLasting(known)).toContain('↩️ goes back to v1, checked <!date^');
  });

  it('is told loudly, once, when its image is gone', async () => {
    const world = await twoShipped();
    const { image } = world.release(1);
    world.lostImages.add(image?.id ?? '');
    await world.upkeep(3 * hour, hour / 6);
    expect(await standby(world)).toMatchObject({ state: 'gone' });
    expect(notices(world)).toBe(1);
    const [view] = standbyViews(world.file.db, 'hello');
    expect(standbyNow(view, world.now)).toContain('🆘 It cannot go back to v1');
  });

  it('is nothing while only one version was ever live', async () => {
    const world = new CoreWorld(policy({ environments: [environment('production', 4003)] }));
    await world.push('one');
    await world.run(60_000);
    await world.upkeep(60_000);
    const found = await standby(world);
    expect(found).toMatchObject({ state: 'none', live: 1 });
    expect(found?.version).toBeUndefined();
  });

  it('is started beside production at night where the service says so, once a night', async () => {
    const world = await twoShipped({ rehearse: true });
    await world.upkeep(26 * hour, hour / 6);
    const rehearsals = world.attempts.filter(({ kind }) => kind === 'rehearse');
    expect(rehearsals.length).toBe(1);
    expect(await standby(world)).toMatchObject({
      rehearsal: { version: 1, passed: true, startedIn: 12_000 },
    });
    const [view] = standbyViews(world.file.db, 'hello');
    expect(view?.startedIn).toBe(12_000);
  });

  it('is never rehearsed where the service does not say so', async () => {
    const world = await twoShipped();
    await world.upkeep(26 * hour, hour / 6);
    expect(world.attempts.filter(({ kind }) => kind === 'rehearse')).toEqual([]);
  });
});

describe('the rescue script', () => {
  it('for a revoked image is forgotten, and the next that can be gone back to gets one', async () => {
    const world = await twoShipped();
    Object.assign(world.parts, { admins: ['T1/UADA'] });
    await world.push('three');
    await world.run(60_000);
    await world.upkeep(60_000);
    expect(world.slot('production').rescue).toMatchObject({ version: 2 });
    await world.do({ do: 'revoke', service: 'hello', version: 2, reason: 'a bad library', by: ada });
    expect(world.slot('production').rescue).toBeUndefined();
    await world.upkeep(60_000);
    expect(world.slot('production').rescue).toMatchObject({ version: 1 });
    await world.do({ do: 'revoke', service: 'hello', version: 1, reason: 'the same library', by: ada });
    await world.upkeep(60_000);
    expect(world.slot('production').rescue).toBeUndefined();
  });

  it('is written after each cut-over, for the version before', async () => {
    const world = await twoShipped();
    await world.upkeep(60_000);
    const { rescue, live } = world.slot('production');
    expect(rescue).toMatchObject({ version: 1, deployment: live?.deployment });
    await world.do({ do: 'retire', service: 'hello', deployment: live?.deployment ?? '', by: ada });
    await world.run(60_000);
    await world.push('three');
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(3);
    await world.upkeep(60_000);
    expect(world.slot('production').rescue).toMatchObject({ version: 2 });
    expect(world.attempts.filter(({ kind }) => kind === 'script')).toHaveLength(2);
  });

  it('starts what the ledger takes over and the reaper spares', async () => {
    const world = await twoShipped();
    await world.upkeep(60_000);
    const { live, rescue } = world.slot('production');
    await world.do({ do: 'retire', service: 'hello', deployment: live?.deployment ?? '', by: ada });
    await world.run(60_000);
    // The script, as it would run: it starts v1 under its marks and gives it all traffic.
    const [made = { effect: '', generation: 0 }] = rescue?.made ?? [];
    const id = world.stray({ ...made, version: 1 });
    const weights = world.weights.get('hello.production') ?? {};
    for (const member of Object.keys(weights)) weights[member] = 0;
    weights[id] = 100;
    await world.upkeep(90_000);
    expect(world.running.has(id)).toBe(true);
    expect(world.slot('production').live).toMatchObject({ version: 1, instances: [{ id }] });
    expect(world.weights.get('hello.production')?.[id]).toBe(100);
    expect(world.release(2).quarantined.production).toBeDefined();
    expect(notices(world)).toBe(1);
    await world.upkeep(12 * hour, hour / 6);
    expect([...world.running]).toEqual([id]);
  });

  it('is followed when it only gave the traffic to what still ran', async () => {
    const world = await twoShipped();
    await world.upkeep(60_000);
    const { live, beside } = world.slot('production');
    const [newer = '', older = ''] = [live, beside].map((serving) => serving?.instances[0]?.id);
    world.weights.set('hello.production', { [newer]: 0, [older]: 100 });
    await world.upkeep(60_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.weights.get('hello.production')?.[older]).toBe(100);
  });

  it('is not undone by a retire whose time comes before it is noticed', async () => {
    const world = await twoShipped();
    await world.upkeep(60_000);
    const { live, beside } = world.slot('production');
    const [newer = '', older = ''] = [live, beside].map((serving) => serving?.instances[0]?.id);
    world.weights.set('hello.production', { [newer]: 0, [older]: 100 });
    await world.do({ do: 'retire', service: 'hello', deployment: live?.deployment ?? '', by: ada });
    await world.run(20_000);
    expect(world.running.has(older)).toBe(true);
    expect(world.weights.get('hello.production')?.[older]).toBe(100);
  });
});
