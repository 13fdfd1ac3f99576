import { describe, expect, it } from 'vitest';
import { messages } from '../../src/ledger/schema.ts';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, environment, eve, policy } from '../support/policies.ts';

/** v1 is live in dev, in as many instances as the policy says. */
async function liveInDev(more: Partial<EnvironmentPolicy> = {}): Promise<CoreWorld> {
  const world = new CoreWorld(policy({ environments: [environment('dev', 4001, more)] }));
  await world.push('one');
  await world.run(60_000);
  expect(world.slot('dev').live?.version).toBe(1);
  return world;
}

const serving = (world: CoreWorld): string[] => world.slot('dev').live?.instances.map(({ id }) => id) ?? [];

const notices = (world: CoreWorld): number =>
  world.file.db
    .select()
    .from(messages)
    .all()
    .filter(({ content }) => content.kind === 'notice').length;

describe('a slot between deployments', () => {
  it('is held at its count: an instance that died is replaced within a minute', async () => {
    const world = await liveInDev({ count: 3 });
    const [dead = '', ...others] = serving(world);
    world.running.delete(dead);
    await world.upkeep(60_000);
    expect(serving(world)).toHaveLength(3);
    expect(serving(world).every((id) => world.running.has(id))).toBe(true);
    expect([...world.running].filter((id) => !serving(world).includes(id))).toEqual([]);
    expect(others.some((id) => serving(world).includes(id))).toBe(false);
    expect(notices(world)).toBe(1);
  });

  it('replaces an instance that runs and is not healthy any more', async () => {
    const world = await liveInDev();
    const [sick = ''] = serving(world);
    world.unwell.add(sick);
    await world.upkeep(60_000);
    expect(serving(world)).not.toContain(sick);
    expect(world.running.has(sick)).toBe(false);
  });

  it('replaces an instance that the balancer has lost', async () => {
    const world = await liveInDev();
    world.weights.set('hello.dev', {});
    await world.upkeep(60_000);
    const weights = world.weights.get('hello.dev');
    expect(serving(world).map((id) => weights?.[id])).toEqual([100]);
  });

  it('is repaired with growing pauses, and after the fifth within an hour asks a person', async () => {
    const world = await liveInDev();
    const lostAt: number[] = [];
    let known = '';
    for (const end = world.now + 30 * 60_000; world.now < end; ) {
      const [id = ''] = serving(world);
      if (id !== known) lostAt.push(world.now);
      known = id;
      world.running.delete(id);
      await world.upkeep(15_000);
    }
    expect(lostAt.slice(1).map((at, index) => Math.round((at - (lostAt[index] ?? 0)) / 1000))).toEqual([
      15, 30, 60, 120, 240,
    ]);
    expect(world.slot('dev').repairs).toMatchObject({ count: 5, stopped: true });
    expect(notices(world)).toBe(6);
  });

  it('goes on being repaired when a person says so', async () => {
    const world = await liveInDev();
    for (let minute = 0; minute < 30; minute++) {
      for (const id of serving(world)) world.running.delete(id);
      await world.upkeep(60_000);
    }
    const order = { do: 'allow repairs', service: 'hello', environment: 'dev' } as const;
    expect(await world.do({ ...order, by: { kind: 'operator', account: 'ops' } })).toMatchObject({
      accepted: true,
    });
    await world.upkeep(60_000);
    expect(serving(world).every((id) => world.running.has(id))).toBe(true);
    expect(await world.do({ ...order, by: ada })).toMatchObject({ refused: 'nothing to do' });
    expect(await world.do({ ...order, environment: 'nowhere', by: eve })).toMatchObject({
      refused: 'unknown environment',
    });
  });
});
