import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import { CoreWorld, commitNamed, failed } from '../support/core-world.ts';
import { withV1, withV2Beside } from '../support/core-worlds.ts';
import { ada, bob, eve, policy } from '../support/policies.ts';

describe('a release', () => {
  it('goes from a commit to every automatic rung by itself and waits for a person at production', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    expect(world.release(1).state).toBe('production ready');
    expect(world.slot('dev').live?.version).toBe(1);
    expect(world.deployment('hello.production.1').wait?.for).toBe('approval');
    expect(world.slot('production').lease).toBeUndefined();
    expect([...world.running]).toEqual(['launch.hello.dev.1.0.g1']);
  });

  it('runs with one image in every environment and other settings in each', async () => {
    const world = await withV1();
    const launches = world.attempts.filter(({ kind }) => kind === 'launch');
    const seen = launches.map(({ input }) => JSON.parse(JSON.stringify(input)));
    expect(new Set(seen.map(({ image }) => image.digest)).size).toBe(1);
    expect(seen.map(({ spec }) => spec.settings.GREETING.value)).toEqual([
      'hello verify',
      'hello dev',
      'hello production',
    ]);
  });

  it('says of what it puts behind the balancer, and watches there, under which mark it was made', async () => {
    const world = await withV1();
    const inputs = (wanted: string) =>
      world.attempts
        .filter(({ kind }) => kind === wanted)
        .map(({ input }) => JSON.parse(JSON.stringify(input)));
    const made = inputs('launch').map(
      ({ mark: { effect: _effect, generation: _generation, ...owned } }) => owned,
    );
    for (const kind of ['admit', 'watch'])
      for (const { owned } of inputs(kind)) expect(made).toContainEqual(owned);
    expect(inputs('admit').length).toBeGreaterThan(0);
    expect(inputs('watch').length).toBeGreaterThan(0);
  });

  it('leaves no candidate behind when verify fails, and goes no further', async () => {
    const world = new CoreWorld();
    world.say = ({ kind }) => (kind === 'verify' ? failed('tests failed', 'functional failed') : undefined);
    await world.push('one');
    await world.run();
    expect(world.release(1)).toMatchObject({
      state: 'failed',
      failure: { stage: 'verify', fault: 'tests failed' },
    });
    expect(world.running.size).toBe(0);
    expect(() => world.slot('dev')).toThrow();
  });

  it('as a hotfix of another branch takes the place of what waits for approval', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    const commit = { ...commitNamed('fix'), ref: 'fix/x' };
    const order = { do: 'request release' as const, service: 'hello', commit, by: ada };
    await world.do({ ...order, hotfix: 'the shop is down' });
    expect(world.deployment('hello.production.2').state).toBe('overtaken');
    expect(world.release(3).hotfix).toBeDefined();
    await world.run(5_000);
    expect(world.deployment('hello.production.3')).toMatchObject({ version: 3, wait: { for: 'approval' } });
    // Without a hotfix a release of another branch leaves the one that waits until it gets there itself.
    await world.do({ ...order, commit: { ...commitNamed('other'), ref: 'other' } });
    expect(world.deployment('hello.production.3').state).toBe('running');
  });

  it('is superseded by a newer push while it waits for approval', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    await world.push('two');
    await world.run(5_000);
    expect(world.deployment('hello.production.1').state).toBe('overtaken');
    expect(world.release(1).supersededBy).toBe(2);
    expect(world.deployment('hello.production.2').wait?.for).toBe('approval');
  });

  it('is asked for once: the same commit again is refused with what it is already', async () => {
    const world = await withV1();
    const answer = await world.push('one');
    expect(answer).toMatchObject({ refused: 'already there' });
  });

  it('goes on from the stage that failed under a new generation when a person retries it', async () => {
    const world = new CoreWorld();
    world.say = ({ kind }) => (kind === 'bake' ? failed('quota', 'no room') : undefined);
    await world.push('one');
    await world.run(5_000);
    world.say = () => undefined;
    await world.do({ do: 'retry release', service: 'hello', version: 1, stage: 'bake', by: ada });
    await world.run(5_000);
    expect(world.release(1)).toMatchObject({ state: 'production ready', generation: 2 });
    expect(world.attempts.filter(({ kind }) => kind === 'build')).toHaveLength(1);
  });

  it('is cancelled only when the attempt that runs has reported', async () => {
    const world = new CoreWorld();
    world.say = ({ kind }) => (kind === 'launch' ? 'hang' : undefined);
    await world.push('one');
    await world.run(1_000);
    await world.do({ do: 'cancel release', service: 'hello', version: 1, by: ada });
    expect(world.release(1).state).toBe('stopping');
    await world.run(5_000);
    expect(world.release(1).state).toBe('cancelled');
    expect(world.attempts.at(-1)?.kind).toBe('terminate');
  });
});

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

describe('an approval', () => {
  it('is refused to a person without the right, with who has it', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    expect(await world.approve('hello.production.1', eve)).toMatchObject({ refused: 'not allowed' });
  });

  it('counts once: the second of two people pressing at once is told who was first', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    const answers = await Promise.all([
      world.approve('hello.production.1'),
      world.approve('hello.production.1', bob),
    ]);
    expect(answers.map(isRefusal)).toEqual([false, true]);
    expect(answers[1]).toMatchObject({
      refused: 'already decided',
      sentence: expect.stringContaining('<@UADA>'),
    });
  });

  it('is refused when the card shows another image than the one that would run', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    const answer = await world.do({
      do: 'approve',
      service: 'hello',
      deployment: 'hello.production.1',
      image: 'sha256:other',
      settings: 'sha256:production',
      by: ada,
    });
    expect(answer).toMatchObject({ refused: 'stale' });
  });
});
