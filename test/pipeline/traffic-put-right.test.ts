import { describe, expect, it } from 'vitest';
import { CoreWorld } from '../support/core-world.ts';
import { environment, policy } from '../support/policies.ts';

async function live(): Promise<CoreWorld> {
  const world = new CoreWorld(policy({ environments: [environment('dev', 4001)] }));
  await world.push('one');
  await world.run(60_000);
  return world;
}

describe('the traffic of a quiet slot', () => {
  it('is put right within a minute when somebody changed the weights', async () => {
    const world = await live();
    const [id = ''] = world.slot('dev').live?.instances.map((one) => one.id) ?? [];
    world.weights.set('hello.dev', { [id]: 10 });
    await world.upkeep(60_000);
    expect(world.weights.get('hello.dev')).toEqual({ [id]: 100 });
  });

  it('loses a member that a late call of an ended lease has brought back', async () => {
    const world = await live();
    const [id = ''] = world.slot('dev').live?.instances.map((one) => one.id) ?? [];
    world.weights.set('hello.dev', { [id]: 100, late: 0 });
    await world.upkeep(60_000);
    expect(world.weights.get('hello.dev')).toEqual({ [id]: 100 });
  });
});
