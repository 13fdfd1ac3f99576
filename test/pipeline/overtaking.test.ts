import { describe, expect, it } from 'vitest';
import { failed } from '../support/core-world.ts';
import { withV1 } from '../support/core-worlds.ts';
import { ada, bob } from '../support/policies.ts';

const second = 'hello.production.2';

describe('a release that is past its approval', () => {
  it('is not marked as overtaken by a newer push while it is put into production', async () => {
    const world = await withV1();
    await world.push('two', bob);
    await world.run(5_000);
    world.say = ({ kind, effect }) =>
      kind === 'launch' && effect.includes(second) ? failed('unhealthy', 'it does not start') : undefined;
    await world.approve(second, ada);
    await world.run(30_000);
    world.say = ({ kind }) => (kind === 'launch' ? 'hang' : undefined);
    const retry = { do: 'retry deployment', service: 'hello', deployment: second, stage: 'launch' } as const;
    expect(await world.do({ ...retry, by: bob })).toMatchObject({ accepted: true });
    await world.run(1_000);
    expect(world.deployment(second)).toMatchObject({ state: 'running', stage: 'launch' });
    await world.push('three', bob);
    expect(world.release(2).supersededBy).toBeUndefined();
    expect(world.deployment(second).state).toBe('running');
  });

  it('is overtaken as ever while it waits for its approval', async () => {
    const world = await withV1();
    await world.push('two', bob);
    await world.run(5_000);
    await world.push('three', bob);
    expect(world.release(2).supersededBy).toBe(3);
  });
});
