import { describe, expect, it } from 'vitest';
import { messages } from '../../src/ledger/schema.ts';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
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
    expect(serving(world)).toEqual([...others, expect.not.stringMatching(dead)]);
    const weights = world.weights.get('hello.dev') ?? {};
    expect(serving(world).map((id) => weights[id])).toEqual([34, 33, 33]);
    expect(notices(world)).toBe(1);
  });

  it('replaces only what is wrong, and what serves is never touched', async () => {
    const world = await liveInDev({ count: 3 });
    const [one = '', two = '', three = ''] = serving(world);
    world.running.delete(one);
    world.unwell.add(three);
    const before = world.attempts.length;
    await world.upkeep(60_000);
    expect(serving(world)[0]).toBe(two);
    expect(serving(world)).toHaveLength(3);
    const done = world.attempts.slice(before);
    expect(done.filter(({ kind }) => kind === 'launch')).toHaveLength(2);
    const touching = done.filter(({ kind }) => kind === 'terminate' || kind === 'drain' || kind === 'detach');
    expect(touching.filter(({ input }) => JSON.stringify(input).includes(`"${two}"`))).toEqual([]);
    // The next one to end leaves the two of the repair alone as well.
    const kept = serving(world).slice(1);
    world.running.delete(two);
    await world.upkeep(120_000);
    expect(serving(world).slice(0, 2)).toEqual(kept);
    expect([...world.running].filter((id) => !serving(world).includes(id))).toEqual([]);
  });

  it('keeps what serves when its repair fails, and repairs it at the next try', async () => {
    const world = await liveInDev({ count: 2 });
    const [dead = '', well = ''] = serving(world);
    world.running.delete(dead);
    let left = 20;
    world.say = ({ kind }) => (kind === 'launch' && left-- > 0 ? failed('quota', 'no room') : undefined);
    await world.upkeep(45_000);
    expect(serving(world)).toContain(well);
    expect(world.running.has(well)).toBe(true);
    left = 0;
    await world.upkeep(10 * 60_000);
    expect(serving(world)[0]).toBe(well);
    expect(serving(world)).toHaveLength(2);
    expect([...world.running].sort()).toEqual([...serving(world)].sort());
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
