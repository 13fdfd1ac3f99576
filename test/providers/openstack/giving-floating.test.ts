import { describe, expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import type { Cloud } from '../../../src/providers/openstack/cloud-parts.ts';
import { cloudOf } from '../../../src/providers/openstack/cloud-parts.ts';
import { describing } from '../../../src/providers/openstack/describing.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { givenFloating } from '../../../src/providers/openstack/giving-floating.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { freeCall } from '../../support/settle.ts';

const mark = {
  ...{ owner: 'o', service: 'hello', version: 1, environment: 'production' },
  ...{ effect: 'e', generation: 1, epoch: 3 },
};
const cloudFile = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});

interface Address {
  id: string;
  floating_ip_address: string;
  port_id: string | null;
  description: string;
  created_at: string;
}
const address = (number: number, more: Partial<Address> = {}): Address => ({
  ...{
    id: `f${number}`,
    floating_ip_address: `203.0.113.${number}`,
    port_id: 'port',
    created_at: `${number}`,
  },
  description: describing(mark),
  ...more,
});

/** Neutron, as far as floating addresses of one server on the port `port` are concerned. */
function neutron(addresses: Address[]): { cloud: Cloud; addresses: Address[] } {
  const catalog = [{ type: 'network', endpoints: [{ interface: 'public', url: 'http://neutron' }] }];
  const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
  const exchange = async ({ method, url, body = '{}' }: Ask) => {
    const reply = (answer: unknown) => ({ status: 200, text: JSON.stringify(answer), header: () => 't' });
    const { pathname } = new URL(url);
    if (pathname.endsWith('/auth/tokens')) return { ...reply({ token }), status: 201 };
    const [, , kind, id] = pathname.split('/');
    if (kind === 'ports') return reply({ ports: [{ id: 'port', device_id: 'server' }] });
    if (kind === 'networks') return reply({ networks: [{ id: 'n1', name: 'public' }] });
    const at = addresses.findIndex((one) => one.id === id);
    const told = JSON.parse(body).floatingip;
    if (method === 'POST') addresses.push(address(9, told));
    if (method === 'PUT') Object.assign(addresses[at] ?? {}, told);
    if (method === 'DELETE') addresses.splice(at, 1);
    return reply({ floatingips: addresses });
  };
  const session = new Session(cloudFile, { exchange, now: () => 0 });
  const settings = {
    ...{ flavor: 'm1', network: 'private', floatingNetwork: 'public', address: 'floating' as const },
    ...{ configDrive: true, container: 'bakery', port: 80, boot: 1, baking: 1, now: () => 0 },
    keep: () => Promise.reject(new Error('nothing is baked here')),
  };
  return { cloud: cloudOf('cloud', session, settings), addresses };
}
const give = (cloud: Cloud) => givenFloating(cloud, 'server', mark, freeCall());

describe('a server that gets a floating address', () => {
  it('is given one, and keeps it', async () => {
    const { cloud, addresses } = neutron([]);
    expect(await give(cloud)).toMatchObject({ is: 'not yet' });
    expect(await give(cloud)).toEqual({ is: 'given', address: '203.0.113.9' });
    expect(addresses).toHaveLength(1);
  });

  it('keeps the older one of two that were made at once', async () => {
    const { cloud, addresses } = neutron([address(2), address(1)]);
    expect(await give(cloud)).toEqual({ is: 'given', address: '203.0.113.1' });
    expect(addresses.map(({ id }) => id)).toEqual(['f1']);
  });

  it('takes over the one of a copy that went', async () => {
    const { cloud, addresses } = neutron([address(1, { port_id: null })]);
    expect(await give(cloud)).toMatchObject({ is: 'not yet' });
    expect(await give(cloud)).toEqual({ is: 'given', address: '203.0.113.1' });
    expect(addresses).toMatchObject([{ id: 'f1', port_id: 'port' }]);
  });

  it('leaves those of others alone', async () => {
    const others = address(1, { description: describing({ ...mark, owner: 'other' }) });
    const { cloud, addresses } = neutron([others, address(2, { description: 'the door' })]);
    await give(cloud);
    expect(addresses.map(({ id }) => id)).toEqual(['f1', 'f2', 'f9']);
  });
});
