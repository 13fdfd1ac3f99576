import { expect, test } from 'vitest';
import { admit } from '../../../src/pipeline/tasks/admit.ts';
import { shift } from '../../../src/pipeline/tasks/shift.ts';
import { watch } from '../../../src/pipeline/tasks/watch.ts';
import { calmCall } from '../../support/call.ts';
import { frontend, health, instance, trafficWorld } from '../../support/traffic-world.ts';

const instances = [instance('old'), instance('new')];

/** A slot in which `new` has all the traffic and is watched for ten seconds. */
async function soaking() {
  const world = trafficWorld();
  const weights = { new: 100 };
  await world.finish(admit, { balancer: 'fake', frontend, instances, health, epoch: 1 });
  await world.finish(shift, { balancer: 'fake', frontend, weights, epoch: 1 });
  const input = {
    balancer: 'fake',
    provider: 'fake',
    frontend,
    instances: [instance('new')],
    weights,
    health,
    until: world.now() + 10_000,
    epoch: 1,
  };
  return { world, input };
}

for (const forget of [false, true])
  test(`a good instance is watched to the end${forget ? ', also without any hint' : ''}`, async () => {
    const { world, input } = await soaking();
    world.balancer.count('new', 200, 3);
    expect(await world.finish(watch, input, { forget })).toEqual({
      is: 'done',
      result: { requests: 200, failed: 3 },
    });
    expect(world.now()).toBeGreaterThanOrEqual(input.until);
  });

test.each(['exited', 'gone'] as const)(
  'an instance that is %s fails at once with its last lines',
  async (state) => {
    const { world, input } = await soaking();
    world.report('new', { state, healthy: false });
    await expect(world.run(watch, input)).rejects.toMatchObject({
      fault: 'exited',
      lines: ['the last line of new'],
    });
  },
);

test('one bad look is forgiven, two in a row are not', async () => {
  const { world, input } = await soaking();
  const bad = { state: 'running', healthy: false, because: 'status 500' } as const;
  world.report('new', bad);
  expect(await world.run(watch, input)).toMatchObject({
    is: 'not yet',
    again: 500,
    known: { unwell: ['new'] },
  });
  world.report('new', { state: 'running', healthy: true });
  const meanwhile = (attempt: number): void =>
    world.report('new', attempt === 2 ? bad : { ...bad, healthy: true });
  expect(await world.finish(watch, input, { meanwhile })).toMatchObject({ is: 'done' });

  world.report('new', bad);
  await expect(world.run(watch, input, { unwell: ['new'] })).rejects.toMatchObject({
    fault: 'unhealthy',
    message: expect.stringContaining('status 500'),
  });
});

test('an instance that the balancer calls unhealthy fails the watch', async () => {
  const { world, input } = await soaking();
  world.balancer.setHealth('new', 'unhealthy');
  await expect(world.finish(watch, input)).rejects.toMatchObject({ fault: 'unhealthy' });
  expect(world.now()).toBeLessThan(input.until);
});

test('nothing passes on a bad last look, though every hint was thrown away', async () => {
  const { world, input } = await soaking();
  world.report('new', { state: 'running', healthy: false });
  await expect(world.finish(watch, input, { forget: true })).rejects.toMatchObject({ fault: 'unhealthy' });
});

test('more than 5 % failed requests, and at least five, fail the watch', async () => {
  const { world, input } = await soaking();
  world.balancer.count('new', 20, 4);
  expect(await world.run(watch, input)).toMatchObject({ is: 'not yet' });
  world.balancer.count('new', 80, 1);
  expect(await world.run(watch, input)).toMatchObject({ is: 'not yet' });
  world.balancer.count('new', 0, 1);
  expect(await world.run(watch, input)).toMatchObject({
    is: 'failed',
    failure: { fault: 'limit broken', sentence: expect.stringContaining('6 of 100 requests') },
  });
});

test('requests of Bakery’s own that fail beyond the limit fail the watch, with the evidence', async () => {
  const { world, input } = await soaking();
  const measure = { id: 'd', path: '/', limits: { failed: 0.1 } };
  expect(await world.run(watch, { ...input, measure })).toMatchObject({ is: 'not yet' });
  world.meet((sent) => ({ sent, failed: 1, times: { 9: sent - 1 } }));
  const first = await world.run(watch, { ...input, measure });
  expect(first).toMatchObject({ is: 'not yet', known: { probes: { sent: 4, failed: 1 } } });
  const known = first.is === 'not yet' ? first.known : undefined;
  expect(await world.run(watch, { ...input, measure }, known)).toMatchObject({
    is: 'failed',
    failure: { fault: 'limit broken', sentence: expect.stringContaining('2 of 8') },
    evidence: { probes: { sent: 8, failed: 2 } },
  });
});

test('what was measured in a soak is in its result', async () => {
  const { world, input } = await soaking();
  const measure = { id: 'd', path: '/', limits: { failed: 0.1 } };
  const outcome = await world.finish(watch, { ...input, measure });
  expect(outcome).toMatchObject({ is: 'done', result: { probes: { sent: 84, failed: 0 } } });
});

test('failures of the old members are not held against the new ones', async () => {
  const { world, input } = await soaking();
  world.balancer.count('old', 100, 100);
  expect(await world.run(watch, input)).toMatchObject({ is: 'not yet' });
});

test('weights that somebody changed are put back', async () => {
  const { world, input } = await soaking();
  world.balancer.meddle(frontend.slot, (saved) => ({
    ...saved,
    members: saved.members.map((member) => ({ ...member, weight: 50, draining: true })),
  }));
  expect(await world.run(watch, input)).toMatchObject({ is: 'not yet', known: { unwell: [] } });
  const { members } = await world.balancer.members(frontend, calmCall());
  expect(members.map(({ weight }) => weight)).toEqual([0, 100]);
  expect(members.at(1)?.draining).toBe(false);
});

test('an instance that the balancer forgot is put back and gets its weight once it is healthy', async () => {
  const { world, input } = await soaking();
  world.balancer.meddle(frontend.slot, (saved) => ({ ...saved, members: [] }));
  world.balancer.setHealth('new', 'unknown');
  expect(await world.run(watch, input)).toMatchObject({ known: { unwell: ['new'] } });
  world.balancer.setHealth('new', 'healthy');
  expect(await world.run(watch, input)).toMatchObject({ known: { unwell: [] } });
  const { members } = await world.balancer.members(frontend, calmCall());
  expect(members).toMatchObject([{ instance: 'new', weight: 100 }]);
});

test('a watch of an older epoch repairs nothing', async () => {
  const { world, input } = await soaking();
  await world.balancer.shift(frontend, { old: 100 }, 2, calmCall());
  await expect(world.run(watch, input)).rejects.toMatchObject({ fault: 'fenced' });
  const { members } = await world.balancer.members(frontend, calmCall());
  expect(members.map(({ weight }) => weight)).toEqual([100, 0]);
});
