import { describe, expect, it } from 'vitest';
import { CoreWorld, failed } from '../support/core-world.ts';
import { withV1, withV2Beside } from '../support/core-worlds.ts';
import { ada, policy } from '../support/policies.ts';

describe('a deployment', () => {
  it('runs old and new side by side until a person retires the old one', async () => {
    const world = await withV2Beside();
    expect(world.slot('production')).toMatchObject({ live: { version: 2 }, beside: { version: 1 } });
    expect(world.running.has('launch.hello.production.1.0.g1')).toBe(true);
    await world.do({ do: 'retire', service: 'hello', deployment: 'hello.production.2', by: ada });
    await world.run(5_000);
    expect(world.slot('production').beside).toBeUndefined();
    expect(world.running.has('launch.hello.production.1.0.g1')).toBe(false);
    expect(world.deployment('hello.production.2').state).toBe('finished');
    expect(world.release(1).standings.production?.standing).toBe('retired');
  });

  it('retires the old one by itself when its time has come', async () => {
    const world = await withV2Beside();
    await world.run(700_000);
    expect(world.deployment('hello.production.2').state).toBe('finished');
    expect(world.running.has('launch.hello.production.1.0.g1')).toBe(false);
  });

  it('keeps the old one when the new one is not healthy at the point of no return', async () => {
    const world = await withV2Beside();
    world.say = ({ kind }) =>
      kind === 'survey' ? { is: 'done', result: { alive: [], members: [] } } : undefined;
    await world.do({ do: 'retire', service: 'hello', deployment: 'hello.production.2', by: ada });
    await world.run(5_000);
    expect(world.slot('production').beside?.version).toBe(1);
    expect(world.deployment('hello.production.2').wait?.for).toBe('retire');
  });

  it('leaves the slot free to be repaired when the new one is not healthy and the old one should go at once', async () => {
    const world = await withV1();
    world.say = ({ kind }) =>
      kind === 'survey' ? { is: 'done', result: { alive: [], members: [] } } : undefined;
    await world.push('two');
    await world.run(60_000);
    expect(world.slot('dev')).toMatchObject({ live: { version: 2 }, beside: { version: 1 } });
    expect(world.slot('dev').lease).toBeUndefined();
    expect(world.attempts.filter(({ kind }) => kind === 'survey').length).toBeLessThan(6);
  });

  it('is not cancelled any more when it may be the only one that serves', async () => {
    const world = new CoreWorld();
    world.say = ({ effect }) => (effect.startsWith('shift.hello.production') ? 'hang' : undefined);
    await world.push('one');
    await world.run(5_000);
    await world.approve('hello.production.1');
    await world.run(5_000);
    const about = { service: 'hello', deployment: 'hello.production.1', by: ada };
    expect(await world.do({ do: 'cancel deployment', ...about })).toMatchObject({ refused: 'too late' });
  });

  it('is not cancelled any more once a shift is under way: the old one may be gone by then', async () => {
    const world = await withV1();
    world.say = ({ effect }) => (effect.startsWith('shift.hello.production.2') ? 'hang' : undefined);
    await world.push('two');
    await world.run(5_000);
    await world.approve('hello.production.2');
    await world.run(5_000);
    const about = { service: 'hello', deployment: 'hello.production.2', by: ada };
    expect(world.deployment('hello.production.2')).toMatchObject({ admitted: true, share: 0 });
    expect(await world.do({ do: 'cancel deployment', ...about })).toMatchObject({
      refused: 'too late',
      sentence: expect.stringContaining('/rollback hello'),
    });
    const back = {
      do: 'roll back',
      service: 'hello',
      version: 1,
      environment: 'production',
      by: ada,
    } as const;
    expect(await world.do(back)).toMatchObject({ accepted: true });
    world.say = () => undefined;
    await world.run(120_000);
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('goes back by itself when the new one breaks a limit between two steps', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    const probes = { sent: 20, failed: 9, times: {} };
    world.say = ({ effect }) =>
      effect === 'watch.hello.production.2.25'
        ? {
            is: 'failed',
            failure: { fault: 'limit broken', sentence: 'It broke a limit.' },
            evidence: { probes },
          }
        : undefined;
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.deployment('hello.production.2')).toMatchObject({
      state: 'went back',
      failure: { stage: 'cut-over', fault: 'limit broken' },
      probes: { during: probes },
    });
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.release(1).standings.production?.standing).toBe('live');
    expect(world.release(2).standings.production?.standing).toBe('rolled back');
    expect(world.release(2).quarantined.production).toBeDefined();
    expect(world.weights.get('hello.production')).toEqual({ 'launch.hello.production.1.0.g1': 100 });
    expect(world.running.has('launch.hello.production.2.0.g1')).toBe(false);
  });

  it('goes back by itself when its first step breaks a limit', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    world.say = ({ effect }) =>
      effect === 'shift.hello.production.2.25' ? failed('limit broken', 'It broke a limit.') : undefined;
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.deployment('hello.production.2').state).toBe('went back');
    expect(world.release(2).quarantined.production).toBeDefined();
    expect(world.weights.get('hello.production')).toEqual({ 'launch.hello.production.1.0.g1': 100 });
  });

  it('is not quarantined when what failed between two steps is not its own', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    world.say = ({ effect }) =>
      effect === 'watch.hello.production.2.25' ? failed('denied', 'the socket may only look') : undefined;
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.deployment('hello.production.2').state).toBe('failed');
    expect(world.release(2).quarantined.production).toBeUndefined();
    expect(world.weights.get('hello.production')).toEqual({ 'launch.hello.production.1.0.g1': 100 });
  });

  it('keeps what was measured before, during and after traffic moved', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    const of = (sent: number) => ({ sent, failed: 0, times: {} });
    const counted = { requests: 1, failed: 0 };
    world.say = ({ kind, effect }) => {
      if (kind === 'admit') return { is: 'done', result: { probes: of(10) } };
      if (kind === 'shift') return { is: 'done', result: { ...counted, probes: of(20) } };
      if (kind !== 'watch') return undefined;
      return { is: 'done', result: { ...counted, probes: of(effect.endsWith('.25') ? 5 : 300) } };
    };
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.deployment('hello.production.2').probes).toEqual({
      before: of(10),
      during: of(45),
      after: of(300),
    });
  });

  it('goes back by itself when the new one fails during soak, and quarantines it', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    world.say = ({ effect }) =>
      effect === 'watch.hello.production.2' ? failed('unhealthy', 'it answers 500') : undefined;
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.deployment('hello.production.2')).toMatchObject({
      state: 'went back',
      failure: { stage: 'soak' },
    });
    expect(world.slot('production')).toMatchObject({ live: { version: 1 } });
    expect(world.slot('production').beside).toBeUndefined();
    expect(world.weights.get('hello.production')).toEqual({ 'launch.hello.production.1.0.g1': 100 });
    expect(world.running.has('launch.hello.production.2.0.g1')).toBe(false);
    expect(world.release(2).quarantined.production).toMatchObject({ by: { kind: 'clock' } });
    const again = await world.do({
      do: 'deploy',
      service: 'hello',
      version: 2,
      environment: 'production',
      by: ada,
    });
    expect(again).toMatchObject({ refused: 'not in good standing' });
  });

  it('leaves what was live untouched when the new instance never gets healthy', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    const before = { ...world.weights.get('hello.production') };
    world.say = ({ kind }) => (kind === 'launch' ? failed('unhealthy', 'it answers 500') : undefined);
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.deployment('hello.production.2').state).toBe('failed');
    expect(world.weights.get('hello.production')).toEqual(before);
    expect(world.slot('production').lease).toBeUndefined();
  });

  it('is stopped before anything is launched when its settings do not fit', async () => {
    const bare = policy();
    const world = new CoreWorld({
      ...bare,
      environments: bare.environments.map((rung) => ({
        ...rung,
        settings: { digest: 'sha256:none', values: {} },
      })),
    });
    await world.push('one');
    await world.run(5_000);
    expect(world.deployment('hello.dev.1')).toMatchObject({
      state: 'failed',
      failure: { fault: 'bad settings' },
    });
    expect(world.running.size).toBe(0);
  });

  it('takes up retiring again, as often as it fails, while a newer release waits for the slot', async () => {
    const world = new CoreWorld();
    let left = 2;
    world.say = ({ kind }) => (kind === 'survey' && left-- > 0 ? failed('unhealthy', 'no') : undefined);
    for (const name of ['one', 'two', 'three']) {
      await world.push(name);
      await world.run(0);
    }
    await world.run(60_000);
    expect(world.slot('dev')).toMatchObject({ live: { version: 3 } });
    expect(world.slot('dev').lease).toBeUndefined();
  });

  it('expires when nobody decides within the time', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    await world.run(25 * 3_600_000);
    expect(world.deployment('hello.production.1').state).toBe('expired');
  });

  it('retires the one before the live one first, so that at most two releases serve', async () => {
    const world = await withV2Beside();
    await world.push('three');
    await world.run(5_000);
    await world.approve('hello.production.3');
    await world.run(5_000);
    expect(world.running.has('launch.hello.production.1.0.g1')).toBe(false);
    await world.run(60_000);
    expect(world.slot('production')).toMatchObject({ live: { version: 3 }, beside: { version: 2 } });
  });
});
