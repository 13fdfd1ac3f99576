import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import { CoreWorld, commitNamed, failed } from '../support/core-world.ts';
import { withV1 } from '../support/core-worlds.ts';
import { ada, bob, eve } from '../support/policies.ts';

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

  it('says where what it starts will be put, and nothing of the kind of a candidate', async () => {
    const world = await withV1();
    const launches = world.attempts.filter(({ kind }) => kind === 'launch');
    const behind = launches.map(({ input }) => JSON.parse(JSON.stringify(input)).behind);
    const admits = world.attempts
      .filter(({ kind }) => kind === 'admit')
      .map(({ input }) => JSON.parse(JSON.stringify(input)));
    const told = admits.map(({ balancer, frontend }) => ({ balancer, frontend }));
    expect(behind).toEqual([undefined, ...told]);
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
