import { describe, expect, it } from 'vitest';
import { note } from '../../src/bot/views/note.ts';
import type { Hook } from '../../src/pipeline/domain/hook.ts';
import { hookProblem, hookStages } from '../../src/pipeline/domain/hook.ts';
import type { Outcome, TaskInputs } from '../../src/pipeline/domain/task.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { askedOf, done, hook, hooked, nextLive } from '../support/hooks.ts';
import { ada, policy, serviceFile } from '../support/policies.ts';

const live = (world: CoreWorld) => nextLive(world, 'one', 'hello.production.1');

describe('a hook', () => {
  it('is done before its stage begins or after it has passed, in the order of the files, once', async () => {
    const world = hooked([
      hook('first', 'before', 'bake'),
      hook('second', 'before', 'bake'),
      hook('tested', 'after', 'verify'),
      hook('ticket', 'before', 'launch', { environments: ['production'] }),
      hook('warm', 'after', 'launch', { environments: ['production'] }),
      hook('closed', 'after', 'soak', { environments: ['production'] }),
    ]);
    await live(world);
    const order = done(world);
    const at = (name: string) => order.indexOf(name);
    expect(
      [at('build'), at('first'), at('second'), at('bake')].every(
        (one, n, all) => n === 0 || one > (all[n - 1] ?? 0),
      ),
    ).toBe(true);
    expect(
      order.filter((name) => ['first', 'second', 'tested', 'ticket', 'warm', 'closed'].includes(name)),
    ).toEqual(['first', 'second', 'tested', 'ticket', 'warm', 'closed']);
    expect(order.lastIndexOf('launch')).toBeGreaterThan(at('ticket'));
    expect(at('warm')).toBeGreaterThan(order.lastIndexOf('launch'));
    expect(askedOf(world, 'ticket')[0]).toMatchObject({
      ...{ when: 'before', stage: 'launch', service: 'hello', version: 1, environment: 'production' },
      commit: world.release(1).commit.sha,
    });
    expect(world.deployment('hello.production.1').wentLive).toBe(true);
  });

  it('before the approval comes before anybody is asked, and its no means that nobody is', async () => {
    const hooks = [hook('ticket', 'before', 'approve')];
    const world = hooked(hooks, () => 'hang');
    await world.push('one');
    await world.run(30_000);
    expect(world.deployment('hello.production.1')).toMatchObject({ stage: 'approve', state: 'running' });
    expect(world.deployment('hello.production.1').wait).toBeUndefined();
    for (const attempt of world.hanging.splice(0)) world.queue.end(attempt, { is: 'done', result: {} });
    await world.run(1_000);
    expect(world.deployment('hello.production.1').wait?.for).toBe('approval');
    await world.approve('hello.production.1');
    await world.run(60_000);
    expect(world.deployment('hello.production.1').wentLive).toBe(true);
    // What needs no approval has nothing before it.
    expect(done(world).filter((name) => name === 'ticket')).toHaveLength(1);

    world.say = ({ kind }) => (kind === 'hook' ? failed('denied', 'No ticket.') : undefined);
    await world.push('two');
    await world.run(30_000);
    expect(world.deployment('hello.production.2')).toMatchObject({ state: 'failed', stage: 'approve' });
    expect(world.ledgerSlot('production')?.live?.version).toBe(1);
  });

  it('that says no fails its stage, and leaves what was live untouched', async () => {
    const world = hooked([hook('ticket', 'before', 'cut-over', { environments: ['production'] })]);
    await live(world);
    const before = world.weights.get('hello.production');
    world.say = ({ kind }) => (kind === 'hook' ? failed('denied', 'The hook said no.') : undefined);
    await world.push('two');
    await world.run(30_000);
    await world.approve('hello.production.2');
    await world.run(60_000);
    expect(world.deployment('hello.production.2')).toMatchObject({
      state: 'failed',
      stage: 'cut-over',
      wentLive: false,
    });
    expect(world.ledgerSlot('production')?.live?.version).toBe(1);
    expect(world.weights.get('hello.production')).toEqual(before);
  });

  it('that says no after soak takes the traffic back', async () => {
    const world = hooked([hook('smoke', 'after', 'soak', { environments: ['production'] })]);
    await live(world);
    world.say = ({ kind }) => (kind === 'hook' ? failed('denied', 'No.') : undefined);
    await world.push('two');
    await world.run(30_000);
    await world.approve('hello.production.2');
    await world.run(120_000);
    expect(world.ledgerSlot('production')?.live?.version).toBe(1);
    expect(world.eventTypes()).toContain('TrafficReturned');
  });

  it('whose failure may be ignored is told, and the release goes on', async () => {
    const hooks = [
      hook('lint', 'after', 'build', { stops: false }),
      hook('page', 'after', 'cut-over', { stops: false }),
    ];
    const world = hooked(hooks, () => failed('denied', 'Nobody is there.'));
    await live(world);
    expect(world.deployment('hello.production.1').wentLive).toBe(true);
    expect(world.eventTypes().filter((type) => type.endsWith('HookFailed'))).toEqual([
      'ReleaseHookFailed',
      'DeploymentHookFailed',
      'DeploymentHookFailed',
    ]);
    const failure = { stage: 'build', fault: 'denied', sentence: 't', at: 0 } as const;
    const event = {
      type: 'ReleaseHookFailed',
      service: 'hello',
      version: 1,
      failure,
      effect: 'e',
      hook: 'lint',
    } as const;
    const told = note({ event, policy: policy(), texts: { t: 'Nobody is there.' } } as never);
    expect(told?.text).toBe('⚠️ *hello v1* goes on without its hook *lint* at *build*: Nobody is there.');
  });

  it('that never ends is over at its deadline', async () => {
    const world = hooked([hook('slow', 'before', 'bake', { within: 5_000 })], () => 'hang');
    await world.push('one');
    await world.run(120_000);
    expect(world.release(1)).toMatchObject({ state: 'failed', failure: { stage: 'bake', fault: 'timeout' } });
  });

  it('holds up no rollback and no repair', async () => {
    const world = hooked([hook('ticket', 'before', 'launch', { environments: ['production'] })]);
    await live(world);
    await world.push('two');
    await world.run(30_000);
    await world.approve('hello.production.2');
    await world.run(60_000);
    const before = done(world).filter((name) => name === 'ticket').length;
    world.say = ({ kind }) => (kind === 'hook' ? 'hang' : undefined);
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.ledgerSlot('production')?.live?.version).toBe(1);
    expect(done(world).filter((name) => name === 'ticket')).toHaveLength(before);
  });

  it('is done anew when its stage is tried again', async () => {
    const world = hooked([hook('check', 'before', 'bake')], () => failed('denied', 'No.'));
    await world.push('one');
    await world.run(30_000);
    expect(world.release(1).state).toBe('failed');
    world.say = () => undefined;
    await world.do({ do: 'retry release', service: 'hello', version: 1, stage: 'bake', by: ada });
    await world.run(30_000);
    expect(world.release(1).state).toBe('production ready');
    expect(done(world).filter((name) => name === 'check')).toHaveLength(2);
  });

  it('of the commit is a command in its checkout, with the image that its build has', async () => {
    const world = new CoreWorld(policy({ access: { by: 'token', token: 'env:T' } }));
    const command: Hook = hook('smoke', 'after', 'candidate', {
      how: { by: 'command', argv: ['node', 'smoke.js'] },
    });
    const file = { ...serviceFile, build: { ...serviceFile.build, image: 'node:20' }, hooks: [command] };
    world.say = ({ kind }) =>
      kind === 'build'
        ? { is: 'done', result: { package: { digest: 'sha256:p', size: 1, name: 'p' }, file } }
        : undefined;
    await world.push('one');
    await world.run(30_000);
    const input = world.attempts.find(({ kind }) => kind === 'hook')?.input as TaskInputs['hook'];
    expect(input).toMatchObject({
      how: { argv: ['node', 'smoke.js'] },
      checkout: {
        ...{ folder: '.', sha: world.release(1).commit.sha, image: 'node:20', access: { token: 'env:T' } },
        mark: { service: 'hello', version: 1, epoch: 0 },
      },
    });
    expect(world.release(1).state).toBe('production ready');
  });

  it('cannot stop what already has traffic, nor keep anybody from saying yes', () => {
    const refused = hookStages.flatMap((stage) =>
      (['before', 'after'] as const)
        .filter((when) => hookProblem({ when, stage, stops: true }) !== undefined)
        .map((when) => `${when} ${stage}`),
    );
    expect(refused).toEqual(['after cut-over', 'after retire']);
  });
});

describe('checks of the forge that a release waits for', () => {
  const checks = {
    ...({ forge: 'github', api: 'https://api.github.example', project: 'acme/hello' } as const),
    ...{ required: ['build'], wait: 60_000 },
  };
  const waits: Outcome = {
    is: 'not yet',
    again: 5_000,
    known: undefined,
    note: 'waits for checks: build still runs',
  };

  it('are waited for before anything is built, and hold no worker meanwhile', async () => {
    const world = new CoreWorld(policy({ checks }));
    let state: Outcome = waits;
    world.say = ({ kind }) => (kind === 'hook' ? state : undefined);
    await world.push('one');
    await world.run(20_000);
    expect(world.attempts.length).toBeGreaterThan(2);
    expect(new Set(done(world))).toEqual(new Set(['checks']));
    expect(world.running.size).toBe(0);
    state = { is: 'done', result: {} };
    await world.run(30_000);
    expect(world.release(1).state).toBe('production ready');
  });

  it('that fail end the release, and are asked again when it is tried again', async () => {
    const world = new CoreWorld(policy({ checks }));
    world.say = ({ kind }) =>
      kind === 'hook' ? failed('tests failed', 'At GitHub, build failed.') : undefined;
    await world.push('one');
    await world.run(10_000);
    expect(world.release(1)).toMatchObject({
      state: 'failed',
      failure: { stage: 'build', fault: 'tests failed' },
    });
    world.say = () => undefined;
    await world.do({ do: 'retry release', service: 'hello', version: 1, stage: 'build', by: ada });
    await world.run(30_000);
    expect(world.release(1).state).toBe('production ready');
  });

  it('that do not come are given up at the deadline, with what was missing', async () => {
    const world = new CoreWorld(policy({ checks }));
    world.say = ({ kind }) => (kind === 'hook' ? waits : undefined);
    await world.push('one');
    await world.run(120_000);
    expect(world.release(1)).toMatchObject({
      state: 'failed',
      failure: { stage: 'build', fault: 'timeout' },
    });
    expect(done(world)).not.toContain('build');
  });

  it('are waited for by no release where the files do not say how long', async () => {
    const { wait: _, ...atTheClick } = checks;
    const world = new CoreWorld(policy({ checks: atTheClick }));
    await world.push('one');
    await world.run(30_000);
    expect(done(world)).not.toContain('checks');
  });
});
