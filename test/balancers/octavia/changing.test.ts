import { describe, expect, it } from 'vitest';
import { Changing } from '../../../src/balancers/octavia/changing.ts';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import { OpenStackError } from '../../../src/providers/openstack/faults.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { freeCall } from '../../support/settle.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});

/** A load balancer that shows these states in turn, the last one for ever, on a clock that waiting moves. */
function loadBalancer(...states: string[]) {
  const catalog = [{ type: 'load-balancer', endpoints: [{ interface: 'public', url: 'http://octavia' }] }];
  const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
  const exchange = async ({ url }: { url: string }) => {
    if (url.endsWith('/auth/tokens'))
      return { status: 201, text: JSON.stringify({ token }), header: () => 't' };
    const status = states.length > 1 ? states.shift() : states[0];
    const named = { id: 'lb', name: 'edge', vip_address: '10.0.0.1', operating_status: 'ONLINE' };
    const text = JSON.stringify({ loadbalancer: { ...named, provisioning_status: status } });
    return { status: 200, text, header: () => undefined };
  };
  let now = 0;
  const means = {
    now: () => now,
    pause: async (ms: number) => {
      now += ms;
    },
  };
  const changing = new Changing(new Session(cloud, { exchange, now: () => 0 }), 'lb', means);
  return { changing, left: states, now: () => now };
}
const refused = () => new OpenStackError('unexpected state', 'It is immutable.', 409, 'req-1');

describe('a change of a load balancer', () => {
  it('begins when the one before is over, and ends when it is over itself', async () => {
    const { changing, left } = loadBalancer(
      'PENDING_UPDATE',
      'PENDING_UPDATE',
      'ACTIVE',
      'PENDING_UPDATE',
      'ACTIVE',
    );
    const seen: number[] = [];
    await changing.change(async () => seen.push(left.length), freeCall());
    expect(seen).toEqual([2]);
    expect(left).toEqual(['ACTIVE']);
  });

  it('is asked for again when somebody else’s came first', async () => {
    const { changing, now } = loadBalancer('ACTIVE');
    let asked = 0;
    await changing.change(async () => {
      asked += 1;
      if (asked < 3) throw refused();
    }, freeCall());
    expect(asked).toBe(3);
    expect(now()).toBe(500);
  });

  it('is done when another copy of the call did it', async () => {
    const { changing } = loadBalancer('ACTIVE');
    const refuse = () => Promise.reject(refused());
    await changing.change(refuse, freeCall(), async () => true);
  });

  it('fails at once in a state that nobody waits through', async () => {
    const { changing, now } = loadBalancer('ERROR');
    await expect(changing.change(async () => {}, freeCall())).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringContaining('is ERROR'),
    });
    expect(now()).toBe(0);
  });

  it('gives a balancer that stays locked up for now, and the task looks again', async () => {
    const { changing, now } = loadBalancer('PENDING_UPDATE');
    await expect(changing.change(async () => {}, freeCall())).rejects.toMatchObject({ fault: 'busy' });
    expect(now()).toBeLessThan(15_000);
  });

  it('passes on what Octavia refuses for another reason', async () => {
    const { changing } = loadBalancer('ACTIVE');
    const denied = new OpenStackError('denied', 'Policy says no.', 403, 'req-2');
    await expect(changing.change(() => Promise.reject(denied), freeCall())).rejects.toBe(denied);
  });
});
