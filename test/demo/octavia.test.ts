import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CannotBegin } from '../../src/demo/clouds/cloud.ts';
import { octaviaFront } from '../../src/demo/clouds/octavia.ts';
import { placeAt } from '../../src/demo/place.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Below {
  listeners: { id: string; name: string; protocol_port: number; default_pool_id: string }[];
  pools: { id: string; name: string }[];
}
let below: Below;
let removed: string[];
let server: Server;

/** An Octavia with one load balancer, as far as the demo asks it before its story and after it. */
beforeEach(async () => {
  below = { listeners: [], pools: [] };
  removed = [];
  const balancer = { id: 'lb', name: 'edge', vip_address: '10.0.0.1', operating_status: 'ONLINE' };
  server = createServer((request, response) => {
    const { pathname, searchParams, origin } = new URL(request.url ?? '', `http://${request.headers.host}`);
    const reply = (body: object, status = 200) =>
      response.writeHead(status, { 'x-subject-token': 't' }).end(JSON.stringify(body));
    const catalog = [{ type: 'load-balancer', endpoints: [{ interface: 'public', url: origin }] }];
    const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
    if (pathname === '/v3/auth/tokens') return reply({ token }, 201);
    if (request.method === 'DELETE') {
      removed.push(pathname.replace('/v2/lbaas/', ''));
      return reply({});
    }
    if (pathname.endsWith('/loadbalancers')) return reply({ loadbalancers: [active(balancer)] });
    if (pathname.endsWith('/lb')) return reply({ loadbalancer: active(balancer) });
    if (pathname.endsWith('/pools'))
      return reply({ pools: below.pools.filter(({ name }) => name === searchParams.get('name')).map(dated) });
    const port = Number(searchParams.get('protocol_port'));
    const listeners = below.listeners.filter((one) => one.protocol_port === port);
    return reply({ listeners: listeners.map((one) => ({ ...one, loadbalancers: [{ id: 'lb' }] })) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  vi.stubEnv('OS_AUTH_URL', `http://127.0.0.1:${port}/v3`);
  for (const [name, value] of Object.entries({ USER_ID: 'u', PASSWORD: 'x', PROJECT_ID: 'p' }))
    vi.stubEnv(`OS_${name}`, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
});
const active = (one: object) => ({ ...one, provisioning_status: 'ACTIVE' });
const dated = (one: object) => ({ ...one, created_at: '2026-01-01T00:00:00' });
const front = () => octaviaFront({ loadBalancer: 'edge' });

describe('a load balancer as the demo’s front door', () => {
  it('is not taken when it serves another service of the demo’s name', async () => {
    below.pools.push({ id: 'theirs', name: 'bakery.hello.production' });
    const place = await placeAt(tempFolder());
    await expect(front().prepare(place)).rejects.toThrow(CannotBegin);
    await front().endBalancer(place);
    expect(removed).toEqual([]);
  });

  it('keeps nothing of the demo when that ends, and begins again where it left off', async () => {
    const place = await placeAt(tempFolder());
    const name = 'bakery.hello.dev';
    below.pools.push({ id: 'ours', name });
    below.listeners.push({ id: 'door', name, protocol_port: place.ports.dev, default_pool_id: 'ours' });
    await front().prepare(place);
    await front().endBalancer(place);
    expect(removed).toEqual(['listeners/door', 'pools/ours']);
  });

  it('is reached at its own address', async () => {
    expect(await front().host()).toBe('10.0.0.1');
  });
});
