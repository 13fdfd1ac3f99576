import { describe, expect, it } from 'vitest';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';

const published = () => new CoreWorld(policy({ publishes: true }));
const kinds = (world: CoreWorld) => world.attempts.map(({ kind }) => kind);

describe('an image that others are to use', () => {
  it('is published when all is green, before any environment, and its copies go along', async () => {
    const world = published();
    await world.push('one');
    await world.run(5_000);
    const release = world.release(1);
    expect(release).toMatchObject({
      state: 'production ready',
      image: { copies: [expect.stringMatching(/^far\/image-/)] },
    });
    expect(kinds(world).indexOf('publish')).toBeGreaterThan(kinds(world).indexOf('verify'));
    const launches = world.attempts.filter(({ effect }) => effect.startsWith('launch.'));
    expect(launches[0]?.input).toMatchObject({ image: { copies: [expect.stringMatching(/^far\/image-/)] } });
    expect(kinds(world).filter((kind) => kind === 'publish')).toHaveLength(1);
  });

  it('is not published when its tests fail', async () => {
    const world = published();
    world.say = ({ kind }) => (kind === 'verify' ? failed('tests failed', 'functional failed') : undefined);
    await world.push('one');
    await world.run();
    expect(kinds(world)).not.toContain('publish');
  });

  it('and cannot be published fails its release, with no candidate left, and can be tried again', async () => {
    const world = published();
    world.say = ({ kind }) => (kind === 'publish' ? failed('denied', 'no') : undefined);
    await world.push('one');
    await world.run();
    expect(world.release(1)).toMatchObject({
      state: 'failed',
      failure: { stage: 'promote', fault: 'denied' },
    });
    expect(world.running.size).toBe(0);
    expect(() => world.slot('dev')).toThrow();
    world.say = () => undefined;
    await world.do({ do: 'retry release', service: 'hello', version: 1, stage: 'promote', by: ada });
    await world.run(5_000);
    expect(world.release(1)).toMatchObject({
      state: 'production ready',
      image: { copies: [expect.stringMatching(/^far\/image-/)] },
    });
    expect(kinds(world).filter((kind) => kind === 'bake')).toHaveLength(1);
  });

  it('is told of nobody where nobody is to use it', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    expect(kinds(world)).not.toContain('publish');
  });
});
