import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { freeCall } from '../../support/settle.ts';
import { account } from './account.ts';
import { elbRig } from './elb-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const client = new ElasticLoadBalancingV2Client({ region: account().region });
const loadBalancer = account().networkLoadBalancer;
const health = { path: '/health', within: 10_000 };

/** Asks over one connection, for as long as that is there. */
const over = (agent: Agent, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ agent, port, host: '127.0.0.1' }, (answer) => resolve(text(answer)))
      .once('error', reject)
      .end();
  });

const below = async ({ port }: Frontend) => {
  const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: [loadBalancer] }));
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  const { Listeners = [] } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
  return { Listeners: Listeners.filter(({ Port }) => Port === port), TargetGroups };
};

describe('a Network Load Balancer', async () => {
  const rig = await elbRig({ loadBalancer });
  afterAll(() => rig.close());
  const frontend = await rig.frontend();

  it('moves new connections at once, and an open one stays until its member is let go', async () => {
    const { balancer } = rig;
    const [one, two] = [await rig.instance(), await rig.instance()];
    const healthy = async () =>
      (await balancer.members(frontend, freeCall())).members.every((member) => member.health === 'healthy');
    await balancer.attach(frontend, one.instance, health, 1, freeCall());
    await expect.poll(healthy, { timeout: 10_000 }).toBe(true);
    await balancer.shift(frontend, { [one.instance.id]: 100 }, 1, freeCall());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await over(agent, frontend.port);
    await balancer.attach(frontend, two.instance, health, 2, freeCall());
    await expect.poll(healthy, { timeout: 10_000 }).toBe(true);
    await balancer.shift(frontend, { [two.instance.id]: 100 }, 2, freeCall());
    const fresh = await rig.send(frontend);
    expect(fresh).not.toBe(first);
    expect(await over(agent, frontend.port)).toBe(first);
    expect(await rig.send(frontend)).toBe(fresh);
    agent.destroy();
  });

  it('has listeners and groups of TCP, checked over HTTP, whose weights count in every zone', async () => {
    const { TargetGroups, Listeners } = await below(frontend);
    expect(Listeners.map(({ Protocol }) => Protocol)).toEqual(['TCP']);
    const [group] = TargetGroups;
    expect(group).toMatchObject({ Protocol: 'TCP', HealthCheckProtocol: 'HTTP', HealthCheckPath: '/health' });
    const asked = { TargetGroupArn: group?.TargetGroupArn };
    const { Attributes } = await client.send(new DescribeTargetGroupAttributesCommand(asked));
    expect(Attributes).toContainEqual({ Key: 'load_balancing.cross_zone.enabled', Value: 'true' });
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '5' });
  });
});
