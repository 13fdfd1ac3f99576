import { expect, it } from 'vitest';
import { octaviaBalancer } from '../../../src/balancers/octavia/index.ts';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { markInTags } from '../../../src/providers/openstack/marks.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { freeCall } from '../../support/settle.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const changeTakes = 5_000;

interface Thing {
  id: string;
  [key: string]: unknown;
}

/** An Octavia in memory, as far as one slot asks it, on a clock that each change moves by 5 s. */
function slowOctavia() {
  let now = 0;
  let made = 0;
  const all: Record<string, Thing[]> = { listeners: [], pools: [], healthmonitors: [], members: [] };
  const status = { provisioning_status: 'ACTIVE', operating_status: 'ONLINE' };
  const balancer = { id: 'lb', name: 'edge', vip_address: '10.0.0.1', tags: [], ...status };
  const one = (plural: string): string => plural.slice(0, -1);

  function change(
    method: string,
    plural: string,
    id: string | undefined,
    body: Record<string, unknown>,
  ): void {
    now += changeTakes;
    if (plural === 'members') {
      const wanted = body.members as object[];
      all.members = wanted.map((member) => ({ id: `m${++made}`, ...status, ...member }));
    } else if (method === 'POST') {
      const thing: Thing = {
        id: `${one(plural)}-${++made}`,
        created_at: String(made),
        ...(body[one(plural)] as object),
      };
      if (plural === 'listeners') thing.loadbalancers = [{ id: 'lb' }];
      all[plural]?.push(thing);
      if (plural === 'healthmonitors') for (const pool of all.pools ?? []) pool.healthmonitor_id = thing.id;
    } else Object.assign(all[plural]?.find((thing) => thing.id === id) ?? {}, body[one(plural)]);
  }

  const exchange = async ({ method, url, body }: Ask) => {
    const reply = (answer: unknown) => ({ status: 200, text: JSON.stringify(answer), header: () => 't' });
    const { pathname } = new URL(url);
    const catalog = [{ type: 'load-balancer', endpoints: [{ interface: 'public', url: 'http://octavia' }] }];
    const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
    if (pathname.endsWith('/auth/tokens')) return { ...reply({ token }), status: 201 };
    const [plural = '', id, below] = pathname.replace('/v2/lbaas/', '').split('/');
    if (plural === 'loadbalancers')
      return reply(id === undefined ? { loadbalancers: [balancer] } : { loadbalancer: balancer });
    if (below === 'stats') return reply({ stats: { active_connections: 0 } });
    if (method !== 'GET') change(method, below ?? plural, id, JSON.parse(body ?? '{}'));
    const name = below ?? plural;
    if (id === undefined || below !== undefined) return reply({ [name]: all[name] });
    return reply({ [one(name)]: all[name]?.find((thing) => thing.id === id) });
  };
  return { session: new Session(cloud, { exchange, now: () => 0 }), all, now: () => now };
}

it('a first member on a slow load balancer comes in several goes, none longer than an attempt', async () => {
  const { session, all, now } = slowOctavia();
  const settings = {
    loadBalancer: 'edge',
    check: { every: 3, timeout: 2, up: 2, down: 2 },
    statistics: 10_000,
  };
  const balancer = octaviaBalancer(settings, session, now);
  const made = { effect: 'e', generation: 1 };
  const mark = { owner: 'o', service: 'hello', version: 1, environment: 'production', epoch: 1, ...made };
  const instance = { provider: 'cloud', id: 'i1', address: 'http://10.0.0.9:80', ...made, mark };
  const frontend = { slot: 'hello.production', port: 8002 };
  const goes: number[] = [];
  for (let done = false; !done; ) {
    const began = now();
    try {
      await balancer.attach(frontend, instance, { path: '/healthz' }, 1, freeCall());
      done = true;
    } catch (error) {
      expect(error).toBeInstanceOf(ProviderError);
      expect(error).toMatchObject({ fault: 'busy' });
    }
    goes.push(now() - began);
  }
  expect(goes).toEqual([10_000, 10_000]);
  expect(Object.fromEntries(Object.entries(all).map(([name, things]) => [name, things.length]))).toEqual({
    ...{ listeners: 1, pools: 1, healthmonitors: 1, members: 1 },
  });
  expect(markInTags(all.members?.[0]?.tags as string[], 'cloud')).toEqual(mark);
  const { members } = await balancer.members(frontend, freeCall());
  expect(members).toMatchObject([{ instance: 'i1', weight: 0, health: 'healthy' }]);
});
