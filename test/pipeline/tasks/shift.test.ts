import { expect, test } from 'vitest';
import { admit } from '../../../src/pipeline/tasks/admit.ts';
import { shift } from '../../../src/pipeline/tasks/shift.ts';
import { calmCall } from '../../support/call.ts';
import { frontend, health, instance, trafficWorld } from '../../support/traffic-world.ts';

const instances = [instance('old'), instance('new')];
const to = (weights: Record<string, number>) => ({ balancer: 'fake', frontend, weights, epoch: 1 });

async function admitted() {
  const world = trafficWorld();
  await world.finish(admit, { balancer: 'fake', frontend, instances, health, epoch: 1 });
  return world;
}

test('a shift sets the weights and reports the counters of all members', async () => {
  const world = await admitted();
  world.balancer.count('old', 90, 1);
  world.balancer.count('new', 10, 2);
  expect(await world.run(shift, to({ old: 75, new: 25 }))).toEqual({
    is: 'done',
    result: { requests: 100, failed: 3 },
  });
  const { members } = await world.balancer.members(frontend, calmCall());
  expect(members.map(({ weight }) => weight)).toEqual([75, 25]);
});

test('a shift may run twice', async () => {
  const world = await admitted();
  await world.finish(shift, to({ new: 100 }), { forget: true });
  expect(await world.finish(shift, to({ new: 100 }), { forget: true })).toMatchObject({ is: 'done' });
});

test('a shift that does not read back is an error and not a success', async () => {
  const world = await admitted();
  const { members } = world.balancer;
  world.balancer.members = async (...args) => {
    const traffic = await members(...args);
    return { ...traffic, members: traffic.members.map((member) => ({ ...member, weight: 1 })) };
  };
  await expect(world.run(shift, to({ new: 100 }))).rejects.toMatchObject({ fault: 'unexpected state' });
});

test('a shift to an unhealthy member is refused and leaves the weights', async () => {
  const world = await admitted();
  await world.run(shift, to({ old: 100 }));
  world.balancer.setHealth('new', 'unhealthy');
  await expect(world.run(shift, to({ new: 100 }))).rejects.toMatchObject({ fault: 'unhealthy' });
  const { members } = await world.balancer.members(frontend, calmCall());
  expect(members.map(({ weight }) => weight)).toEqual([100, 0]);
});

test('a shift is measured from before it until after it', async () => {
  const world = await admitted();
  const measure = { id: 'hello.production.2', path: '/', limits: { failed: 0.05 } };
  expect(await world.run(shift, { ...to({ new: 100 }), measure })).toMatchObject({
    is: 'done',
    result: { probes: { sent: 6, failed: 0 } },
  });
  expect(world.probed).toEqual(['hello.production.2']);
});

test('a shift beyond the limits fails with what was measured', async () => {
  const world = await admitted();
  world.meet((sent) => ({ sent, failed: 3, times: {} }));
  const measure = { id: 'hello.production.2', path: '/', limits: { failed: 0.05 } };
  expect(await world.run(shift, { ...to({ new: 100 }), measure })).toMatchObject({
    is: 'failed',
    failure: { fault: 'limit broken', sentence: expect.stringContaining('3 of 6') },
    evidence: { probes: { sent: 6, failed: 3 } },
  });
});
