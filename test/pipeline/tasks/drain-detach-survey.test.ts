import { expect, test } from 'vitest';
import { admit } from '../../../src/pipeline/tasks/admit.ts';
import { detach } from '../../../src/pipeline/tasks/detach.ts';
import { drain } from '../../../src/pipeline/tasks/drain.ts';
import { shift } from '../../../src/pipeline/tasks/shift.ts';
import { survey } from '../../../src/pipeline/tasks/survey.ts';
import { calmCall } from '../../support/call.ts';
import { frontend, health, instance, trafficWorld } from '../../support/traffic-world.ts';

const instances = [instance('old'), instance('new')];
const old = [instance('old')];

async function serving() {
  const world = trafficWorld();
  await world.finish(admit, { balancer: 'fake', frontend, instances, health, epoch: 1 });
  await world.finish(shift, { balancer: 'fake', frontend, weights: { old: 100 }, epoch: 1 });
  return world;
}
const shifted = { balancer: 'fake', frontend, weights: { new: 100 }, epoch: 1 };

for (const forget of [false, true])
  test(`a drain waits for what is in flight and then takes out${forget ? ', also without any hint' : ''}`, async () => {
    const world = await serving();
    const request = world.balancer.begin(frontend.slot);
    await world.run(shift, shifted);
    const input = { balancer: 'fake', frontend, instances: old, deadline: world.now() + 5000, epoch: 1 };
    expect(await world.run(drain, input)).toMatchObject({ is: 'not yet', again: 200 });
    const meanwhile = (attempt: number): void => {
      if (attempt === 3) request.finish();
    };
    expect(await world.finish(drain, input, { forget, meanwhile })).toEqual({ is: 'done', result: {} });
    const { members } = await world.balancer.members(frontend, calmCall());
    expect(members.map((member) => member.instance)).toEqual(['new']);
  });

test('a drain ends at its deadline with requests still in flight', async () => {
  const world = await serving();
  world.balancer.begin(frontend.slot);
  await world.run(shift, shifted);
  const input = { balancer: 'fake', frontend, instances: old, deadline: world.now() + 5000, epoch: 1 };
  expect(await world.finish(drain, input, { forget: true })).toEqual({ is: 'done', result: {} });
});

test('a drain takes out the only member of a slot that nothing else serves', async () => {
  const world = await serving();
  const input = { balancer: 'fake', frontend, instances, deadline: world.now(), epoch: 1 };
  expect(await world.finish(drain, input)).toEqual({ is: 'done', result: {} });
  expect((await world.balancer.members(frontend, calmCall())).members).toEqual([]);
});

test('a detach may run twice and never takes the last that serves', async () => {
  const world = await serving();
  const input = { balancer: 'fake', frontend, instances: [instance('new')], epoch: 1 };
  for (let i = 0; i < 2; i += 1)
    expect(await world.finish(detach, input, { forget: true })).toEqual({ is: 'done', result: {} });
  await expect(world.run(detach, { ...input, instances: old })).rejects.toMatchObject({ fault: 'unhealthy' });
});

test('a survey tells which instances run and which are members', async () => {
  const world = await serving();
  world.report('old', { state: 'exited', healthy: false });
  world.report('third', { state: 'starting', healthy: false });
  const input = {
    provider: 'fake',
    balancer: 'fake',
    frontend,
    instances: [...instances, instance('third')],
    health,
  };
  expect(await world.finish(survey, input, { forget: true })).toEqual({
    is: 'done',
    result: { alive: ['new'], unwell: [], members: ['old', 'new'], weights: expect.any(Object) },
  });
});

test('a survey calls unwell what fails its health check at three looks in a row', async () => {
  const world = await serving();
  const input = { provider: 'fake', balancer: 'fake', frontend, instances, health };
  const sick = { state: 'running' as const, healthy: false };
  world.report('old', sick);
  world.report('new', sick);
  const meanwhile = (attempt: number): void => {
    if (attempt === 1) world.report('new', { state: 'running', healthy: true });
  };
  expect(await world.finish(survey, input, { meanwhile })).toEqual({
    is: 'done',
    result: { alive: ['old', 'new'], unwell: ['old'], members: ['old', 'new'], weights: expect.any(Object) },
  });
});
