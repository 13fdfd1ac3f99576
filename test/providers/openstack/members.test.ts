import { describe, expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import { cloudOf } from '../../../src/providers/openstack/cloud-parts.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { Instances } from '../../../src/providers/openstack/instances.ts';
import { labelsOf, tagsOf } from '../../../src/providers/openstack/marks.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { freeCall, settle } from '../../support/settle.ts';

const cloudFile = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const mark = {
  ...{ owner: 'us', service: 'hello', version: 3, environment: 'gone' },
  ...{ effect: 'launch.hello.gone.1.0', generation: 1, epoch: 4 },
};
interface Member {
  id: string;
  name: string;
  weight: number;
  backup: boolean;
  tags: string[];
}
const member = (id: string, more: Partial<Member> = {}): Member => ({
  ...{ id, name: 'server', weight: 1, backup: true, tags: tagsOf(mark, 'cloud') },
  ...more,
});

interface There {
  pools: Record<string, { name: string; members: Member[] }>;
  /** Servers of ours, by id. */
  servers?: string[];
  /** How a change of a load balancer is answered, one after the other; 204 after the last. */
  answers?: number[];
  /** How Octavia answers any question. */
  octavia?: number;
  services?: string[];
}

/** Nova and Octavia, as far as members of pools and their servers are concerned. */
function cloudWith({ pools, servers = [], answers = [], octavia, services }: There) {
  const asked: Ask[] = [];
  const types = services ?? ['compute', 'network', 'load-balancer'];
  const catalog = types.map((type) => ({
    type,
    endpoints: [{ interface: 'public', url: `http://${type}` }],
  }));
  const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
  const server = (id: string) => ({
    ...{ id, name: id, status: 'ACTIVE', created: '2026-01-01T00:00:00Z', addresses: {} },
    metadata: labelsOf(mark, 'instance'),
  });
  const balancing = (method: string, [pool = '', , one]: string[]) => {
    if (octavia !== undefined) return { status: octavia };
    const found = pools[pool];
    if (pool === '')
      return { answer: { pools: Object.entries(pools).map(([id, made]) => ({ id, ...made })) } };
    if (found === undefined) return { status: 404 };
    if (method === 'GET') return { answer: { members: found.members } };
    const status = answers.shift() ?? 204;
    if (status === 204) found.members = found.members.filter(({ id }) => id !== one);
    return { status };
  };
  const exchange = async (ask: Ask) => {
    const reply = (answer: unknown, status = 200) => ({
      ...{ status, text: JSON.stringify(answer), header: () => 't' },
    });
    const { hostname, pathname } = new URL(ask.url);
    if (pathname.endsWith('/auth/tokens')) return reply({ token }, 201);
    asked.push(ask);
    if (hostname === 'load-balancer') {
      const { answer = {}, status } = balancing(ask.method, pathname.split('/').slice(4));
      return reply(answer, status);
    }
    if (hostname === 'network') return reply({ floatingips: [] });
    if (pathname === '/v2.1/') return reply({ version: { id: 'v2.1', version: '2.90', min_version: '2.1' } });
    if (pathname.endsWith('/servers/detail')) return reply({ servers: servers.map(server) });
    const id = pathname.split('/').at(-1) ?? '';
    return servers.includes(id) ? reply({ server: server(id) }) : reply({}, 404);
  };
  const session = new Session(cloudFile, { exchange, now: () => 0 });
  const settings = {
    ...{ flavor: 'm1', network: 'private', address: 'fixed' as const, configDrive: true },
    ...{ container: 'bakery', port: 80, boot: 1, baking: 1, now: () => 0 },
    keep: () => Promise.reject(new Error('nothing is baked here')),
  };
  const instances = new Instances(cloudOf('cloud', session, settings));
  return {
    list: async (owner = 'us') =>
      (await instances.list(owner, freeCall())).filter(({ id }) => id.startsWith('member-')),
    end: (id: string) =>
      settle(
        () => instances.terminate(id, 1, freeCall()),
        () => {},
      ),
    tryToEnd: (id: string) => instances.terminate(id, 1, freeCall()),
    changes: () =>
      asked.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`),
  };
}

describe('a member of a pool', () => {
  it('is found by its tags in a slot that no file names, with its server gone, and taken out alone', async () => {
    const others = [member('m2', { name: 'other', tags: [] })];
    const pools = { p1: { name: 'bakery.hello.gone', members: [member('m1'), ...others] } };
    const cloud = cloudWith({ pools });
    expect(await cloud.list()).toEqual([{ what: 'builder', id: 'member-p1.m1', mark }]);
    await cloud.end('member-p1.m1');
    expect(pools.p1.members).toEqual(others);
    expect(cloud.changes()).toEqual(['DELETE http://load-balancer/v2/lbaas/pools/p1/members/m1']);
  });

  it('without tags is found by its server’s mark', async () => {
    const pools = { p1: { name: 'bakery.hello.gone', members: [member('m1', { tags: [] })] } };
    expect(await cloudWith({ pools, servers: ['server'] }).list()).toEqual([
      { what: 'builder', id: 'member-p1.m1', mark },
    ]);
    expect(await cloudWith({ pools }).list()).toEqual([]);
  });

  it('with traffic is said to serve and left as long as its server is there', async () => {
    const pools = { p1: { name: 'bakery.hello.gone', members: [member('m1', { backup: false })] } };
    const cloud = cloudWith({ pools, servers: ['server'] });
    expect(await cloud.list()).toMatchObject([{ id: 'member-p1.m1', serving: true }]);
    expect(await cloud.tryToEnd('member-p1.m1')).toMatchObject({ ready: false });
    expect(cloud.changes()).toEqual([]);
    const dead = cloudWith({ pools });
    expect((await dead.list())[0]).not.toHaveProperty('serving');
    await dead.end('member-p1.m1');
    expect(pools.p1.members).toEqual([]);
  });

  it('that has no weight, or is a spare, does not serve', async () => {
    const members = [member('m1', { weight: 0, backup: false }), member('m2')];
    const cloud = cloudWith({ pools: { p1: { name: 'bakery.hello.gone', members } }, servers: ['server'] });
    expect((await cloud.list()).map((one) => 'serving' in one)).toEqual([false, false]);
  });

  it('of another installation, of another provider or in a pool of somebody’s is never listed', async () => {
    const members = [
      member('m1', { tags: tagsOf({ ...mark, owner: 'them' }, 'cloud') }),
      member('m2', { tags: tagsOf(mark, 'another') }),
    ];
    const pools = {
      p1: { name: 'bakery.hello.gone', members },
      p2: { name: 'shop', members: [member('m3')] },
    };
    const cloud = cloudWith({ pools });
    expect(await cloud.list()).toEqual([]);
    await expect(cloud.tryToEnd('member-p1.m2')).rejects.toMatchObject({ fault: 'unexpected state' });
    expect(cloud.changes()).toEqual([]);
  });

  it('whose load balancer is being changed is taken out when that is over', async () => {
    const pools = { p1: { name: 'bakery.hello.gone', members: [member('m1')] } };
    const cloud = cloudWith({ pools, answers: [409, 409] });
    await cloud.end('member-p1.m1');
    expect(cloud.changes()).toHaveLength(3);
    expect(await cloud.tryToEnd('member-p9.m1')).toMatchObject({ ready: true });
  });

  it('is nobody’s where there are no load balancers, or the account may not see them', async () => {
    const pools = { p1: { name: 'bakery.hello.gone', members: [member('m1')] } };
    expect(await cloudWith({ pools, services: ['compute', 'network'] }).list()).toEqual([]);
    expect(await cloudWith({ pools, octavia: 403 }).list()).toEqual([]);
    await expect(cloudWith({ pools, octavia: 500 }).list()).rejects.toMatchObject({ fault: 'unreachable' });
  });
});
