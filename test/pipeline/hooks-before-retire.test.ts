import { describe, expect, it } from 'vitest';
import { note } from '../../src/bot/views/note.ts';
import type { Hook } from '../../src/pipeline/domain/hook.ts';
import { type CoreWorld, failed } from '../support/core-world.ts';
import { askedOf, done, hook, hooked, nextLive } from '../support/hooks.ts';
import { ada, policy } from '../support/policies.ts';

const ticket = (more: Partial<Hook> = {}): Hook =>
  hook('ticket', 'before', 'retire', { environments: ['production'], ...more });
const no = () => failed('denied', 'No ticket.');
const second = 'hello.production.2';
const untilItsTime = 600_000;

/** v2 is live in production, and v1 runs beside it until somebody, or the clock, wants it gone. */
async function beside(world: CoreWorld): Promise<CoreWorld> {
  await nextLive(world, 'one', 'hello.production.1');
  await nextLive(world, 'two', second);
  return world;
}

const retire = (world: CoreWorld) =>
  world.do({ do: 'retire', service: 'hello', deployment: second, by: ada });
const runs = (world: CoreWorld, version: number): boolean =>
  [...world.running].some((id) => {
    const mark = world.marks.get(id);
    return mark?.environment === 'production' && mark.version === version;
  });

describe('a hook before retire', () => {
  it('is asked when the old one is to go, not while it waits, and nothing is done to it before the yes', async () => {
    const world = await beside(hooked([ticket()], () => 'hang'));
    expect(done(world)).not.toContain('ticket');
    expect((await retire(world)).sentence).toBe('v1 is being retired in production.');
    await world.run(30_000);
    expect(askedOf(world, 'ticket')).toEqual([
      expect.objectContaining({
        when: 'before',
        stage: 'retire',
        version: 2,
        retires: 1,
        deployment: second,
      }),
    ]);
    expect(runs(world, 1)).toBe(true);
    expect(world.slot('production').lease).toBeUndefined();
    for (const attempt of world.hanging.splice(0)) world.queue.end(attempt, { is: 'done', result: {} });
    await world.run(30_000);
    expect(world.deployment(second).state).toBe('finished');
    expect(runs(world, 1)).toBe(false);
    expect(done(world).lastIndexOf('survey')).toBeGreaterThan(done(world).indexOf('ticket'));
  });

  it('that says no keeps the old one running, and says what to press', async () => {
    const world = await beside(hooked([ticket()], no));
    await retire(world);
    await world.run(30_000);
    expect(runs(world, 1)).toBe(true);
    expect(world.ledgerSlot('production')).toMatchObject({ live: { version: 2 }, beside: { version: 1 } });
    const kept = world.deployment(second);
    expect(kept).toMatchObject({ state: 'running', stage: 'retire', wait: { for: 'retire' } });
    const [event] = world.eventsOf('RetireRefused');
    const texts = { [kept.retireFailed?.failure.sentence ?? '']: 'No ticket.' };
    const told = note({ event, policy: policy(), texts } as never);
    expect(told?.text).toBe(
      '⚠️ In *production* the old release is kept for now: the hook *ticket* did not agree. No ticket. Press *Retire old* to try it again; it is tried again by itself as well.',
    );
  });

  it('that said no is asked anew when somebody presses again, and its yes lets the old one go', async () => {
    const world = await beside(hooked([ticket()], no));
    await retire(world);
    await world.run(30_000);
    world.say = () => undefined;
    expect(await retire(world)).toMatchObject({ accepted: true });
    await world.run(30_000);
    expect(world.deployment(second).state).toBe('finished');
    expect(runs(world, 1)).toBe(false);
    const [first, again] = askedOf(world, 'ticket').map(({ round = 1 }) => round);
    expect(again).toBeGreaterThan(first ?? 0);
  });

  it('is asked by the clock too, and after its no once more when the time of the service has passed again', async () => {
    const world = await beside(hooked([ticket()], no));
    await world.run(untilItsTime);
    expect(askedOf(world, 'ticket')).toHaveLength(1);
    await world.run(untilItsTime - 60_000);
    expect(askedOf(world, 'ticket')).toHaveLength(1);
    world.say = () => undefined;
    await world.run(120_000);
    expect(askedOf(world, 'ticket')).toHaveLength(2);
    expect(world.deployment(second).state).toBe('finished');
  });

  it('that never ends keeps the old one at its deadline', async () => {
    const world = await beside(hooked([ticket({ within: 5_000 })], () => 'hang'));
    await retire(world);
    await world.run(60_000);
    expect(world.deployment(second).retireFailed).toMatchObject({
      hook: 'ticket',
      failure: { fault: 'timeout', stage: 'retire' },
    });
    expect(runs(world, 1)).toBe(true);
  });

  it('keeps nobody from going back: what it holds still runs', async () => {
    const world = await beside(hooked([ticket()], () => 'hang'));
    await retire(world);
    await world.run(10_000);
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'production', by: ada });
    await world.run(5_000);
    expect(world.ledgerSlot('production')?.live?.version).toBe(1);
    expect(done(world).filter((name) => name === 'launch')).toHaveLength(
      done(world).filter((name) => name === 'bake').length * 3,
    );
  });

  it('whose no keeps the old one keeps the next release waiting, and a yes lets both go on', async () => {
    const world = await beside(hooked([ticket()], no));
    await world.push('three');
    await world.run(30_000);
    await world.approve('hello.production.3');
    await world.run(60_000);
    expect(world.deployment('hello.production.3').wait?.for).toBe('slot');
    expect(askedOf(world, 'ticket').length).toBeGreaterThan(0);
    expect(runs(world, 1)).toBe(true);
    world.say = () => undefined;
    await retire(world);
    await world.run(60_000);
    expect(world.ledgerSlot('production')?.live?.version).toBe(3);
    expect(runs(world, 1)).toBe(false);
  });

  it('whose failure may be ignored is told, and the old one goes', async () => {
    const world = await beside(hooked([ticket({ stops: false })], no));
    await retire(world);
    await world.run(30_000);
    expect(world.deployment(second).state).toBe('finished');
    expect(world.eventTypes()).toContain('DeploymentHookFailed');
    expect(runs(world, 1)).toBe(false);
  });
});
