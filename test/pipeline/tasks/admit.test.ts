import { expect, test } from 'vitest';
import { admit } from '../../../src/pipeline/tasks/admit.ts';
import { watch } from '../../../src/pipeline/tasks/watch.ts';
import { calmCall } from '../../support/call.ts';
import { frontend, health, instance, trafficWorld } from '../../support/traffic-world.ts';

const input = { balancer: 'fake', frontend, instances: [instance('a'), instance('b')], health, epoch: 4 };

test('admits every instance at weight 0 and is done when the balancer calls all healthy', async () => {
  const world = trafficWorld();
  world.balancer.setHealth('b', 'unknown');
  expect(await world.run(admit, input)).toMatchObject({
    is: 'not yet',
    again: 50,
    note: '1 of 2 healthy in the balancer',
  });
  world.balancer.setHealth('b', 'healthy');
  expect(await world.run(admit, input)).toEqual({ is: 'done', result: {} });
  const traffic = await world.balancer.members(frontend, calmCall());
  expect(traffic.members.map(({ instance: id, weight }) => [id, weight])).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
  expect(traffic.epoch).toBe(4);
});

test('an instance that stays unhealthy fails once its time is over', async () => {
  const world = trafficWorld();
  const began = world.now();
  world.balancer.setHealth('b', 'unhealthy');
  await expect(world.finish(admit, input)).rejects.toMatchObject({ fault: 'unhealthy' });
  expect(world.now() - began).toBeGreaterThanOrEqual(health.within);
});

test('admits to the end when what it knew is thrown away each time', async () => {
  const world = trafficWorld();
  world.balancer.setHealth('a', 'unhealthy');
  const meanwhile = (attempt: number): void => {
    if (attempt === 60) world.balancer.setHealth('a', 'healthy');
  };
  expect(await world.finish(admit, input, { forget: true, meanwhile })).toEqual({ is: 'done', result: {} });
});

test('an instance that came back at another address is admitted there', async () => {
  const world = trafficWorld();
  await world.finish(admit, input);
  const moved = { ...instance('a'), address: 'http://elsewhere.test' };
  await world.finish(admit, { ...input, instances: [moved] });
  const { members } = await world.balancer.members(frontend, calmCall());
  expect(members.map(({ address }) => address)).toEqual(['http://elsewhere.test', 'http://b.test']);
});

test('who is admitted, or put back, brings its whole mark where the order says whose it is', async () => {
  const world = trafficWorld();
  const marks: unknown[] = [];
  const { attach } = world.balancer;
  world.balancer.attach = (slot, one, ...given) => {
    marks.push(one.mark);
    return attach(slot, one, ...given);
  };
  const owned = { owner: 'us', service: 'hello', version: 2, environment: 'production', epoch: 4 };
  const { effect, generation } = instance('a');
  const mark = { ...owned, effect, generation };
  await world.finish(admit, { ...input, instances: [instance('a')], owned });
  world.balancer.meddle(frontend.slot, (slot) => ({ ...slot, members: [] }));
  const order = { ...input, instances: [instance('a')], provider: 'fake', until: 0, weights: { a: 100 } };
  await world.run(watch, { ...order, owned });
  expect(marks).toEqual([mark, mark]);
});

test('an admit of an older epoch is fenced', async () => {
  const world = trafficWorld();
  await world.finish(admit, input);
  await expect(world.run(admit, { ...input, epoch: 3 })).rejects.toMatchObject({ fault: 'fenced' });
});

test('what serves is measured while a new one is admitted, and nothing where nobody serves', async () => {
  const world = trafficWorld();
  const measure = { id: 'd', path: '/', limits: { failed: 0.05 } };
  const order = { balancer: 'fake', frontend, health, epoch: 1, measure };
  expect(await world.run(admit, { ...order, instances: [instance('old')] })).toEqual({
    is: 'done',
    result: {},
  });
  await world.balancer.shift(frontend, { old: 100 }, 1, calmCall());
  expect(await world.run(admit, { ...order, instances: [instance('new')] })).toMatchObject({
    is: 'done',
    result: { probes: { sent: 6, failed: 0 } },
  });
});
