import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { freeCall } from '../../support/settle.ts';
import { account } from './account.ts';
import { elbRig, elbSettings } from './elb-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const { region, certificate } = account();
const client = new ElasticLoadBalancingV2Client({ region });
const health = { path: '/health', within: 10_000 };

/** Trusts the load balancer's certificate and no other, so that whoever answers has its key. */
const trusting = () => new Agent({ keepAlive: true, maxSockets: 1, ca: certificate.pem });
const over = (agent: Agent, url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request(url, { agent }, (answer) => resolve(text(answer)))
      .once('error', reject)
      .end();
  });
const anew = async (url: string): Promise<string> => {
  const agent = trusting();
  try {
    return await over(agent, url);
  } finally {
    agent.destroy();
  }
};

const listenerOf = async (name: string, { port }: Frontend) => {
  const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: [name] }));
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  const { Listeners = [] } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
  return Listeners.find(({ Port }) => Port === port);
};

describe.each([
  { kind: 'n Application', loadBalancer: account().loadBalancer, protocol: 'HTTPS', openStays: false },
  { kind: ' Network', loadBalancer: account().networkLoadBalancer, protocol: 'TLS', openStays: true },
])('a$kind Load Balancer with a certificate', async ({ loadBalancer, protocol, openStays }) => {
  const rig = await elbRig({ loadBalancer, certificate: certificate.arn });
  afterAll(() => rig.close());

  it('is spoken to over TLS, and what comes over it moves with the weights', async () => {
    const { balancer } = rig;
    const frontend = await rig.frontend();
    const [one, two] = [await rig.instance(), await rig.instance()];
    const healthy = async () =>
      (await balancer.members(frontend, freeCall())).members.every((member) => member.health === 'healthy');
    await balancer.attach(frontend, one.instance, health, 1, freeCall());
    await expect.poll(healthy, { timeout: 20_000 }).toBe(true);
    await balancer.shift(frontend, { [one.instance.id]: 100 }, 1, freeCall());
    const door = await balancer.frontDoor(frontend, freeCall());
    expect(door).toBe(`https://127.0.0.1:${frontend.port}`);
    const open = trusting();
    const first = await over(open, door);
    expect(first).toBe(await anew(door));
    // In the clear nobody is let in, and whoever trusts other certificates does not come in either.
    expect(await rig.send(frontend)).toBeUndefined();
    const stranger = new Agent();
    await expect(over(stranger, door)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });

    await balancer.attach(frontend, two.instance, health, 2, freeCall());
    await expect.poll(healthy, { timeout: 20_000 }).toBe(true);
    await balancer.shift(frontend, { [two.instance.id]: 100 }, 2, freeCall());
    const then = await anew(door);
    expect(then).not.toBe(first);
    expect(await over(open, door)).toBe(openStays ? first : then);
    open.destroy();
    expect(await listenerOf(loadBalancer, frontend)).toMatchObject({
      Protocol: protocol,
      Certificates: [{ CertificateArn: certificate.arn }],
    });
  });

  it('opens no port for a certificate that is not there', async () => {
    const frontend = await rig.frontend();
    const { instance } = await rig.instance();
    const absent = certificate.arn.replace(/[^/]+$/, 'none');
    const other = await elbRig(elbSettings({ loadBalancer, certificate: absent }));
    await expect(other.balancer.attach(frontend, instance, health, 1, freeCall())).rejects.toMatchObject({
      fault: 'bad settings',
      message: expect.stringContaining('CertificateNotFound'),
    });
    expect(await listenerOf(loadBalancer, frontend)).toBeUndefined();
    await other.close();
  });
});
