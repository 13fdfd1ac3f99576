import { describe, expect, it } from 'vitest';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import type { CoreWorld } from '../support/core-world.ts';
import { withV1 } from '../support/core-worlds.ts';
import { ada, policy } from '../support/policies.ts';

const other = { digest: 'sha256:other', values: { GREETING: { value: 'good day' } } };

/** The operators' files say something else of production from now on. */
function change(world: CoreWorld, more: Partial<EnvironmentPolicy>): void {
  const before = policy();
  const environments = before.environments.map((one) =>
    one.name === 'production' ? { ...one, ...more } : one,
  );
  Object.assign(world.parts, { policies: new Map([['hello', { ...before, environments }]]) });
}

const deploy = (world: CoreWorld, version = 1) =>
  world.do({ do: 'deploy', service: 'hello', version, environment: 'production', by: ada });

const back = (world: CoreWorld, version?: number) =>
  world.do({
    do: 'roll back',
    service: 'hello',
    environment: 'production',
    by: ada,
    ...(version === undefined ? {} : { version }),
  });

/** v1 is live with other settings, and still runs with those before. */
async function withOtherSettings(): Promise<CoreWorld> {
  const world = await withV1();
  change(world, { settings: other });
  await deploy(world);
  await world.run(5_000);
  await world.approve('hello.production.2');
  await world.run(30_000);
  return world;
}

describe('changed settings', () => {
  it('are put into use by a deployment of the release that is live, with approval, cut-over and soak', async () => {
    const world = await withV1();
    change(world, { settings: other });
    const bakes = world.bakes.length;
    expect(await deploy(world)).toMatchObject({
      accepted: true,
      sentence: 'hello v1 is on its way to production, with the settings and the count of today.',
    });
    await world.run(5_000);
    expect(world.deployment('hello.production.2')).toMatchObject({
      wait: { for: 'approval' },
      anew: true,
      ownCard: true,
    });
    expect(world.slot('production').live?.settings).toBe('sha256:production');
    await world.approve('hello.production.2');
    await world.run(30_000);
    expect(world.slot('production')).toMatchObject({
      live: { version: 1, settings: 'sha256:other' },
      beside: { version: 1, settings: 'sha256:production' },
    });
    expect(world.bakes.length).toBe(bakes);
    await world.run(700_000);
    expect(world.slot('production').beside).toBeUndefined();
    expect(world.running.has('launch.hello.production.1.0.g1')).toBe(false);
    expect(world.release(1).standings.production?.standing).toBe('live');
  });

  it('are gone back from in seconds while what had those before still runs, and nothing is quarantined', async () => {
    const world = await withOtherSettings();
    expect(await back(world)).toMatchObject({
      accepted: true,
      version: 1,
      sentence: expect.stringContaining('with the settings it was started with'),
    });
    await world.run(1_000);
    expect(world.slot('production')).toMatchObject({
      live: { version: 1, settings: 'sha256:production' },
      beside: { version: 1, settings: 'sha256:other' },
    });
    expect(world.weights.get('hello.production')?.['launch.hello.production.1.0.g1']).toBe(100);
    expect(world.deployment('hello.production.3')).toMatchObject({ warm: true });
    expect(world.release(1).quarantined.production).toBeUndefined();
  });

  it('of a rollback to what still runs are those that it runs with', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    change(world, { settings: other });
    await world.approve('hello.production.2');
    await world.run(30_000);
    await back(world, 1);
    await world.run(30_000);
    expect(world.slot('production').live).toMatchObject({ version: 1, settings: 'sha256:production' });
    expect(world.deployment('hello.production.3').plan.settings.digest).toBe('sha256:production');
  });

  it('of a rollback to what is gone are those of today', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    await world.approve('hello.production.2');
    await world.run(700_000);
    change(world, { settings: other });
    expect(await back(world)).toMatchObject({
      sentence: expect.stringContaining('with the settings of today'),
    });
    await world.run(30_000);
    expect(world.slot('production').live).toMatchObject({ version: 1, settings: 'sha256:other' });
  });

  it('that change once more before anybody decided take the place of those', async () => {
    const world = await withV1();
    change(world, { settings: other });
    await deploy(world);
    await world.run(5_000);
    expect(await deploy(world)).toMatchObject({ refused: 'already there' });
    change(world, { settings: { ...other, digest: 'sha256:third' } });
    expect(await deploy(world)).toMatchObject({ accepted: true });
    await world.run(5_000);
    expect(world.deployment('hello.production.2').state).toBe('overtaken');
    expect(world.deployment('hello.production.3').wait?.for).toBe('approval');
  });

  it('of one environment ask nobody for another', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    const before = policy();
    const environments = before.environments.map((one) =>
      one.name === 'dev' ? { ...one, settings: other } : one,
    );
    Object.assign(world.parts, { policies: new Map([['hello', { ...before, environments }]]) });
    await world.do({
      do: 'reject',
      service: 'hello',
      deployment: 'hello.production.2',
      reason: 'not today',
      by: ada,
    });
    await world.do({ do: 'deploy', service: 'hello', version: 2, environment: 'dev', by: ada });
    await world.run(30_000);
    expect(world.slot('dev').live?.settings).toBe('sha256:other');
    expect(world.slot('production').open).toEqual([]);
  });
});

describe('a changed count', () => {
  it('is put into use the same way', async () => {
    const world = await withV1();
    change(world, { count: 2 });
    await deploy(world);
    await world.run(5_000);
    await world.approve('hello.production.2');
    await world.run(800_000);
    expect(world.slot('production').live?.instances.length).toBe(2);
    expect(await deploy(world)).toMatchObject({ refused: 'already there' });
  });
});
