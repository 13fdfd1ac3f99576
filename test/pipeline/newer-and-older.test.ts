import { describe, expect, it } from 'vitest';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { first, waiting } from '../support/approval-worlds.ts';
import { ada, bob, eve } from '../support/policies.ts';

describe('a newer release, where an older one waits for approval', () => {
  const both = async (whenNewer: EnvironmentPolicy['whenNewer'] & string) => {
    const world = await waiting({ whenNewer });
    await world.push('two', eve);
    await world.run(5_000);
    return world;
  };
  const second = 'hello.production.2';

  it('replaces it', async () => {
    const world = await both('replace');
    expect(world.deployment(first).state).toBe('overtaken');
    expect(world.deployment(second).wait?.for).toBe('approval');
  });

  it('queues behind it, and is asked about when that one is decided', async () => {
    const world = await both('queue');
    expect(world.deployment(first).wait?.for).toBe('approval');
    expect(world.deployment(second).wait?.for).toBe('turn');
    expect(await world.approve(second, ada)).toMatchObject({ refused: 'too late' });
    await world.approve(first, ada);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment(second).wait?.for).toBe('approval');
  });

  it('is kept beside it, and whichever is newer wins in the end', async () => {
    const world = await both('keep');
    await world.approve(second, ada);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(2);
    expect(await world.approve(first, ada)).toMatchObject({ refused: expect.any(String) });
  });

  it('offers all three, and nothing is ended before somebody chose', async () => {
    for (const [choice, older, newer] of [
      ['replace', 'overtaken', 'approval'],
      ['queue', 'running', 'turn'],
      ['keep', 'running', 'approval'],
    ] as const) {
      const world = await both('ask');
      expect(world.deployment(first).state).toBe('running');
      await world.do({ do: 'give way', service: 'hello', deployment: second, choice, by: bob });
      await world.run(2_000);
      expect([world.deployment(first).state, world.deployment(second).wait?.for]).toEqual([older, newer]);
    }
  });

  it('never waits with a lease: what waits for people holds none', async () => {
    for (const mode of ['replace', 'queue', 'keep', 'ask'] as const) {
      expect((await both(mode)).slot('production').lease).toBeUndefined();
    }
  });
});
