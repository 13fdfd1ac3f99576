import {
  CreateListenerCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { elbBalancer } from '../../../src/balancers/elb/index.ts';
import type { Member } from '../../../src/pipeline/balancer.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { calmCall } from '../../support/call.ts';
import { until } from '../../support/until.ts';
import { type WebMember, webMember } from '../../support/web-member.ts';
import { account, rigSays } from './account.ts';
import { elbSettings, newFrontend } from './elb-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const { region, loadBalancer } = account();
const client = new ElasticLoadBalancingV2Client({ region });
const balancer = elbBalancer(elbSettings());
const call = calmCall();
const health = { path: '/health' };

const members: WebMember[] = [];
afterAll(async () => {
  for (const one of members) await one.close();
});
afterEach(() => rigSays('faults', []));

const member = async (): Promise<WebMember> => {
  const made = await webMember(`fault-${members.length}`);
  members.push(made);
  return made;
};
const arnOf = async (): Promise<string> => {
  const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: [loadBalancer] }));
  return LoadBalancers?.[0]?.LoadBalancerArn ?? '';
};
const listenersAt = async ({ port }: Frontend) =>
  (await client.send(new DescribeListenersCommand({ LoadBalancerArn: await arnOf() }))).Listeners?.filter(
    ({ Port }) => Port === port,
  ) ?? [];
const groupsOf = async ({ slot }: Frontend) => {
  const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ PageSize: 400 }));
  return TargetGroups.filter(({ TargetGroupName }) => TargetGroupName?.startsWith(slot.replace('.', '-')));
};
const seen = async (frontend: Frontend, { instance: { id } }: WebMember): Promise<Member | undefined> =>
  (await balancer.members(frontend, call)).members.find(({ instance }) => instance === id);
const isHealthy = (frontend: Frontend, one: WebMember) =>
  until(`${one.instance.id} is healthy`, async () => (await seen(frontend, one))?.health === 'healthy');

/** An old member with all the traffic, and a new one that is healthy and has none. */
async function beside(): Promise<{ frontend: Frontend; old: WebMember; next: WebMember }> {
  const [frontend, old, next] = [await newFrontend(), await member(), await member()];
  await balancer.attach(frontend, old.instance, health, 1, call);
  await isHealthy(frontend, old);
  await balancer.shift(frontend, { [old.instance.id]: 100 }, 1, call);
  await balancer.attach(frontend, next.instance, health, 2, call);
  await isHealthy(frontend, next);
  return { frontend, old, next };
}
const weightsOf = async (frontend: Frontend) =>
  (await balancer.members(frontend, call)).members.map(({ weight }) => weight);
const answer = async ({ port }: Frontend) => (await fetch(`http://127.0.0.1:${port}/`)).text();

it('ELB: a slot that is opened with answers lost has one listener and two target groups', async () => {
  const [frontend, one] = [await newFrontend(), await member()];
  for (const action of ['CreateTargetGroup', 'CreateListener', 'AddTags', 'RegisterTargets']) {
    await rigSays('faults', [{ action: `elb:${action}`, times: 1, after: true }]);
    await balancer.attach(frontend, one.instance, health, 1, call);
  }
  await isHealthy(frontend, one);
  expect(await listenersAt(frontend)).toHaveLength(1);
  expect(await groupsOf(frontend)).toHaveLength(2);
});

it('ELB: two deployments that open a slot at once share one listener', async () => {
  const [frontend, one, other] = [await newFrontend(), await member(), await member()];
  await Promise.all([
    balancer.attach(frontend, one.instance, health, 1, call),
    elbBalancer(elbSettings()).attach(frontend, other.instance, health, 1, call),
  ]);
  await isHealthy(frontend, one);
  await isHealthy(frontend, other);
  expect(await listenersAt(frontend)).toHaveLength(1);
  expect(await groupsOf(frontend)).toHaveLength(2);
});

it('ELB: a shift that is throttled and whose answer was lost moves all traffic once', async () => {
  const { frontend, old, next } = await beside();
  await rigSays('faults', [
    { action: 'elb:ModifyListener', times: 1, code: 'Throttling', status: 400 },
    { action: 'elb:ModifyListener', times: 1, after: true },
  ]);
  await balancer.shift(frontend, { [next.instance.id]: 100 }, 2, call);
  expect(await weightsOf(frontend)).toEqual([0, 100]);
  expect(await answer(frontend)).toBe(next.instance.id);
  expect((await seen(frontend, old))?.health).toBe('healthy');
});

it('ELB: a shift that fails for good leaves the old one serving, and is done at the next try', async () => {
  const { frontend, old, next } = await beside();
  await rigSays('faults', [
    { action: 'elb:ModifyListener', times: 99, code: 'InternalFailure', status: 500 },
  ]);
  const shift = () => balancer.shift(frontend, { [next.instance.id]: 100 }, 2, call);
  await expect(shift()).rejects.toMatchObject({ fault: 'unreachable' });
  expect(await weightsOf(frontend)).toEqual([100, 0]);
  expect(await answer(frontend)).toBe(old.instance.id);
  await rigSays('faults', []);
  await shift();
  expect(await weightsOf(frontend)).toEqual([0, 100]);
});

it('ELB: a denied call names its permission, and traffic stays where it was', async () => {
  const { frontend, old, next } = await beside();
  await rigSays('faults', [{ action: 'elb:ModifyListener', times: 99, code: 'AccessDenied', status: 403 }]);
  await expect(balancer.shift(frontend, { [next.instance.id]: 100 }, 2, call)).rejects.toMatchObject({
    fault: 'denied',
    message: expect.stringContaining('elasticloadbalancing:ModifyListener'),
  });
  expect(await answer(frontend)).toBe(old.instance.id);
});

it('ELB: an unhealthy member gets no traffic while others of its release are well', async () => {
  const [frontend, one, other] = [await newFrontend(), await member(), await member()];
  for (const { instance } of [one, other]) await balancer.attach(frontend, instance, health, 1, call);
  for (const each of [one, other]) await isHealthy(frontend, each);
  const both = { [one.instance.id]: 50, [other.instance.id]: 50 };
  await balancer.shift(frontend, both, 1, call);
  expect(new Set([await answer(frontend), await answer(frontend)]).size).toBe(2);
  one.healthy = false;
  await until('it is unhealthy', async () => (await seen(frontend, one))?.health === 'unhealthy');
  for (let i = 0; i < 6; i += 1) expect(await answer(frontend)).toBe(other.instance.id);
});

it('ELB: the port of somebody else’s listener is refused, and the listener stays as it is', async () => {
  const frontend = await newFrontend();
  const theirs = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }] as const;
  await client.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: await arnOf(), Port: frontend.port, Protocol: 'HTTP' },
      DefaultActions: [...theirs],
    }),
  );
  const { instance } = await member();
  await expect(balancer.attach(frontend, instance, health, 1, call)).rejects.toMatchObject({
    fault: 'port in use',
  });
  expect((await listenersAt(frontend))[0]?.DefaultActions?.[0]?.Type).toBe('fixed-response');
  expect(await groupsOf(frontend)).toEqual([]);
});

it('ELB: weights that somebody changed at the console are read as they are, and set again', async () => {
  const { frontend, old } = await beside();
  const [listener] = await listenersAt(frontend);
  const groups = listener?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? [];
  const ForwardConfig = {
    TargetGroups: groups.map((one, index) => ({ ...one, Weight: index === 0 ? 30 : 70 })),
  };
  const DefaultActions = [{ Type: 'forward' as const, ForwardConfig }];
  await client.send(new ModifyListenerCommand({ ListenerArn: listener?.ListenerArn, DefaultActions }));
  expect(await weightsOf(frontend)).toEqual([30, 70]);
  await balancer.shift(frontend, { [old.instance.id]: 100 }, 2, call);
  expect(await weightsOf(frontend)).toEqual([100, 0]);
});

it('ELB: a release that repairs have spread over three groups is brought together without a gap', async () => {
  const frontend = await newFrontend();
  const all: WebMember[] = [];
  for (const epoch of [1, 2, 3]) {
    const one = await member();
    all.push(one);
    await balancer.attach(frontend, one.instance, health, epoch, call);
    await isHealthy(frontend, one);
    const even = Object.fromEntries(all.map(({ instance: { id } }) => [id, Math.floor(100 / all.length)]));
    await balancer.shift(frontend, even, epoch, call);
  }
  const weighted = async () =>
    (await listenersAt(frontend))[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups?.filter(
      ({ Weight }) => (Weight ?? 0) > 0,
    );
  expect(await weighted()).toHaveLength(3);
  let isOver = false;
  const asking = (async () => {
    let failed = 0;
    while (!isOver) if (!(await fetch(`http://127.0.0.1:${frontend.port}/`)).ok) failed += 1;
    return failed;
  })();
  await balancer.attach(frontend, (await member()).instance, health, 4, call);
  isOver = true;
  expect(await asking).toBe(0);
  expect(await weightsOf(frontend)).toEqual([33, 33, 33, 0]);
  expect(await weighted()).toHaveLength(1);
  expect((await balancer.members(frontend, call)).members.slice(0, 3).map((one) => one.health)).toEqual([
    ...['healthy', 'healthy', 'healthy'],
  ]);
});
