import { describe, expect, it } from 'vitest';
import { deploymentNext } from '../../src/bot/views/next-step.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { nextLive } from '../support/hooks.ts';
import { ada } from '../support/policies.ts';
import { deploymentView } from '../support/sample.ts';

const second = 'hello.production.2';

/** v2 is live in production, v1 runs beside it, and draining v1 fails for good. */
async function undrainable(): Promise<CoreWorld> {
  const world = new CoreWorld();
  await nextLive(world, 'one', 'hello.production.1');
  await nextLive(world, 'two', second);
  world.say = ({ kind }) => (kind === 'drain' ? failed('denied', 'Not now.') : undefined);
  return world;
}

const retire = (world: CoreWorld) =>
  world.do({ do: 'retire', service: 'hello', deployment: second, by: ada });
const times = (world: CoreWorld, kind: string): number =>
  world.attempts.filter((one) => one.kind === kind && one.effect.includes('.production.')).length;

describe('an old release that cannot be let go', () => {
  it('is kept beside the new one, and is tried again after a while and not in a circle', async () => {
    const world = await undrainable();
    await retire(world);
    await world.run(60_000);
    const drains = times(world, 'drain');
    expect(drains).toBeLessThan(3);
    expect(world.ledgerSlot('production')).toMatchObject({ live: { version: 2 }, beside: { version: 1 } });
    expect(world.slot('production').lease).toBeUndefined();
    const kept = world.deployment(second);
    expect(kept).toMatchObject({ state: 'running', stage: 'retire', wait: { for: 'retire' } });
    const texts = { [kept.retireFailed?.failure.sentence ?? '']: 'Not now.' };
    expect(deploymentNext(kept, { ...deploymentView(), texts })).toContain(
      'v1 still runs: it could not be let go. Not now. Press *Retire old* to try it again; it is tried again by itself ',
    );
    world.say = () => undefined;
    await world.run(600_000);
    expect(world.deployment(second).state).toBe('finished');
    expect(world.ledgerSlot('production')?.beside).toBeUndefined();
  });

  it('is only let go after one more look at the new one', async () => {
    const world = await undrainable();
    await retire(world);
    await world.run(60_000);
    world.say = () => undefined;
    const surveys = times(world, 'survey');
    for (const { id } of world.deployment(second).instances) world.unwell.add(id);
    await retire(world);
    await world.run(5_000);
    expect(times(world, 'survey')).toBe(surveys + 1);
    expect(world.ledgerSlot('production')?.beside?.version).toBe(1);
  });

  it('keeps the next release waiting without a circle, and is gone before that is started', async () => {
    const world = await undrainable();
    await world.push('three');
    await world.run(30_000);
    await world.approve('hello.production.3');
    await world.run(60_000);
    expect(times(world, 'drain')).toBeLessThan(4);
    expect(world.deployment('hello.production.3').wait?.for).toBe('slot');
    world.say = () => undefined;
    await world.run(700_000);
    await world.run(60_000);
    expect(world.ledgerSlot('production')?.live?.version).toBe(3);
  });
});
