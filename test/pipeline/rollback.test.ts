import { describe, expect, it } from 'vitest';
import { failed } from '../support/core-world.ts';
import { withV1, withV2Beside } from '../support/core-worlds.ts';
import { ada, bob, eve } from '../support/policies.ts';

describe('a rollback', () => {
  it('only moves traffic while the old instance still runs, with no build and no bake', async () => {
    const world = await withV2Beside();
    const bakes = world.bakes.length;
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'production', by: ada });
    await world.run(1_000);
    expect(world.slot('production')).toMatchObject({ live: { version: 1 }, beside: { version: 2 } });
    expect(world.weights.get('hello.production')?.['launch.hello.production.1.0.g1']).toBe(100);
    expect(world.bakes.length).toBe(bakes);
    expect(world.release(2).standings.production?.standing).toBe('rolled back');
    expect(world.release(2).quarantined.production).toBeDefined();
    expect(world.deployment('hello.production.2').state).toBe('overtaken');
  });

  it('starts the old image again when its instance is gone', async () => {
    const world = await withV2Beside();
    await world.run(700_000);
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.running.has('launch.hello.production.3.0.g1')).toBe(true);
  });

  it('starts the old image again when what still ran does not serve any more', async () => {
    const world = await withV2Beside();
    world.say = ({ kind, generation }) =>
      kind === 'admit' && generation === 1 ? failed('unhealthy', 'it does not answer') : undefined;
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.running.has('launch.hello.production.3.0.g2')).toBe(true);
    expect(world.deployment('hello.production.3')).toMatchObject({ warm: false, wentLive: true });
  });

  it('that comes to nothing leaves what is beside the live one to be retired as before', async () => {
    const world = await withV2Beside();
    world.say = ({ kind }) => (kind === 'admit' || kind === 'launch' ? failed('quota', 'full') : undefined);
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.deployment('hello.production.3').state).toBe('failed');
    expect(world.deployment('hello.production.2').wait?.for).toBe('retire');
    await world.run(700_000);
    expect(world.slot('production')).toMatchObject({ live: { version: 2 } });
    expect(world.slot('production').beside).toBeUndefined();
  });

  it('does not wait for a cut-over that hangs, and what had been started is taken down', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    world.say = (attempt) => (attempt.effect === 'shift.hello.production.2.100' ? 'hang' : undefined);
    await world.approve('hello.production.2');
    await world.run(5_000);
    expect(world.deployment('hello.production.2').share).toBe(25);
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'production', by: ada });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.weights.get('hello.production')).toEqual({ 'launch.hello.production.1.0.g1': 100 });
    expect(world.running.has('launch.hello.production.2.0.g1')).toBe(false);
    expect(world.deployment('hello.production.2').state).toBe('overtaken');
  });

  it.each([
    [9, 'unknown version'],
    [2, 'already there'],
    [3, 'never went live'],
  ])('to v%i is refused: %s', async (version, refused) => {
    const world = await withV2Beside();
    world.say = ({ kind }) => (kind === 'verify' ? failed('tests failed', 'no') : undefined);
    await world.push('three');
    await world.run(5_000);
    const answer = await world.do({
      do: 'roll back',
      service: 'hello',
      version,
      environment: 'production',
      by: ada,
    });
    expect(answer).toMatchObject({ refused });
  });
});

describe('a release that was rolled back itself', () => {
  /** v2 was rolled back from production with a reason, and v3 is live there. */
  async function withV3() {
    const world = await withV2Beside();
    const reason = 'v2 leaks money';
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada, reason });
    await world.run(700_000);
    await world.push('three');
    await world.run(5_000);
    await world.approve('hello.production.4');
    await world.run(700_000);
    expect(world.slot('production').live?.version).toBe(3);
    return world;
  }
  const again = {
    do: 'roll back',
    service: 'hello',
    version: 2,
    environment: 'production',
    by: ada,
  } as const;

  it('stands with who put it into quarantine, and every refusal says it', async () => {
    const world = await withV3();
    expect(world.release(2).quarantined.production).toMatchObject({ by: ada });
    expect(await world.do({ ...again, reason: 'please' })).toMatchObject({
      sentence: expect.stringContaining('rolled back from production itself by <@UADA> and'),
    });
  });

  it('is not gone back to, and the refusal says why it was left', async () => {
    const world = await withV3();
    expect(await world.do({ ...again, reason: 'please' })).toMatchObject({
      refused: 'not in good standing',
      sentence: expect.stringContaining('is in quarantine there (v2 leaks money)'),
    });
    const deploy = {
      do: 'deploy',
      service: 'hello',
      version: 2,
      environment: 'production',
      by: ada,
    } as const;
    expect(await world.do(deploy)).toMatchObject({
      sentence: expect.stringContaining('in quarantine there (v2 leaks money)'),
    });
  });

  it('“roll back to a quarantined one” is taken from one who holds the right, and the trail says why', async () => {
    const world = await withV3();
    Object.assign(world.parts, { admins: ['T1/UADA'] });
    expect(await world.do({ ...again, reason: 'v3 is worse' })).toMatchObject({ accepted: true });
    expect(
      world
        .trail()
        .at(-1)
        ?.grants.map(({ right }) => right),
    ).toEqual(['rollback', 'override']);
  });

  it('“roll back to a quarantined one” is refused to one who does not hold the right, changes nothing, and leaves a trace', async () => {
    const world = await withV3();
    Object.assign(world.parts, { admins: ['T1/UADA'] });
    const before = world.eventTypes();
    const no = await world.do({ ...again, by: bob, reason: 'v3 is worse' });
    expect(no).toMatchObject({ refused: 'not in good standing' });
    expect(world.eventTypes()).toEqual(before);
    expect(world.trail().at(-1)).toMatchObject({ by: bob, outcome: 'not in good standing', grants: [] });
  });

  it('is gone back to by who may override, with a reason, and that is listed', async () => {
    const world = await withV3();
    Object.assign(world.parts, { admins: ['T1/UADA'] });
    expect(await world.do(again)).toMatchObject({ refused: 'not in good standing' });
    expect(await world.do({ ...again, reason: 'v3 is worse' })).toMatchObject({ accepted: true });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(2);
    expect(world.release(2).quarantined.production).toBeUndefined();
    const { override } = world.deployment('hello.production.5');
    expect(override).toMatchObject({ by: ada, lifts: ['quarantine'] });
  });
});

it('a rollback is not cancelled by who may release and not roll back', async () => {
  const world = await withV2Beside();
  await world.run(700_000);
  world.say = ({ kind }) => (kind === 'launch' ? 'hang' : undefined);
  await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
  await world.run(1_000);
  const cancel = { do: 'cancel deployment', service: 'hello', deployment: 'hello.production.3' } as const;
  expect(await world.do({ ...cancel, by: eve })).toMatchObject({ refused: 'not allowed' });
  expect(await world.do({ ...cancel, by: ada })).toMatchObject({ accepted: true });
});
