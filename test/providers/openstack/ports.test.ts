import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import { describing } from '../../../src/providers/openstack/describing.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { Ports } from '../../../src/providers/openstack/ports.ts';
import { Session } from '../../../src/providers/openstack/session.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const { signal } = new AbortController();
const mark = (effect: string) => ({
  ...{ owner: 'o', service: 'hello', version: 1, environment: 'production' },
  ...{ effect, generation: 1, epoch: 3 },
});

interface Port {
  id: string;
  device_id: string;
  description: string;
  tags: string[];
}

/** Neutron with some ports; like the real one it lets everybody write who asks, also two at once. */
function neutron(...ids: string[]) {
  const there = ids.map((id): Port => ({ id, device_id: '', description: '', tags: [] }));
  const catalog = [{ type: 'network', endpoints: [{ interface: 'public', url: 'http://neutron' }] }];
  const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
  const clock = { now: 0 };
  const exchange = async ({ method, url, body = '{}' }: Ask) => {
    const reply = (answer: object, status = 200) => ({
      ...{ status, text: JSON.stringify(answer), header: () => 't' },
    });
    if (url.endsWith('/auth/tokens')) return reply({ token }, 201);
    const [, , , id, , tag] = new URL(url).pathname.split('/');
    const port = there.find((one) => one.id === id);
    if (port === undefined) return reply({}, 404);
    if (tag !== undefined) {
      port.tags = port.tags.filter((one) => one !== tag);
      if (method === 'PUT') port.tags.push(tag);
    } else if (method === 'PUT') Object.assign(port, JSON.parse(body).port);
    return reply({ port });
  };
  return { ports: new Ports(new Session(cloud, { exchange, now: () => 0 }), () => clock.now), there, clock };
}
const ids = ['p1', 'p2'];

/** As a task does: again while another launch is about to take the same. */
async function taken(ports: Ports, effect: string): Promise<string> {
  for (;;)
    try {
      return await ports.take(ids, mark(effect), signal);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.fault !== 'busy') throw error;
    }
}

describe('a port that was made beforehand', () => {
  it.each([
    ['a', 'b'],
    ['b', 'a'],
    ['c', 'd'],
  ])('is taken by one of two launches at once, and another by the other', async (...effects) => {
    const { ports, there } = neutron(...ids);
    expect((await Promise.all(effects.map((effect) => taken(ports, effect)))).sort()).toEqual(ids);
    for (const effect of effects)
      expect(await taken(ports, effect)).toBe(
        (await ports.list(ids, 'o', signal)).find((one) => one.mark.effect === effect)?.id.slice(5),
      );
    expect(there.flatMap(({ tags }) => tags)).toEqual([]);
  });

  it('is one for two copies of a launch at once', async () => {
    const { ports, there } = neutron(...ids);
    expect(await Promise.all([taken(ports, 'a'), taken(ports, 'a')])).toEqual(['p1', 'p1']);
    expect(there.map(({ description, tags }) => [description === '', tags])).toEqual([
      [false, []],
      [true, []],
    ]);
  });

  it('that another launch took after both had claimed it is claimed no more', async () => {
    const { ports, there } = neutron(...ids);
    const [first] = there;
    const rival = `bakery-claim-${'f'.repeat(24)}-0`;
    first?.tags.push(rival);
    await expect(ports.take(ids, mark('a'), signal)).rejects.toMatchObject({ fault: 'busy' });
    expect(first?.tags).toHaveLength(2);
    Object.assign(first ?? {}, {
      description: describing(mark('b')),
      tags: first?.tags.filter((one) => one !== rival),
    });
    expect(await taken(ports, 'a')).toBe('p2');
    expect(first?.tags).toEqual([]);
  });

  it('that is free and claimed by another is looked at again: it is no matter of a quota', async () => {
    const { ports, there } = neutron('p1');
    there[0]?.tags.push(`bakery-claim-${'0'.repeat(24)}-0`);
    await expect(ports.take(['p1'], mark('a'), signal)).rejects.toMatchObject({ fault: 'busy' });
  });

  it('that a launch claimed and never took is in nobody’s way after five minutes', async () => {
    const { ports, there, clock } = neutron(...ids);
    there[0]?.tags.push('bakery-claim-000000000000000000000000-0', 'blue');
    expect(await taken(ports, 'a')).toBe('p2');
    await ports.release('p2', signal);
    clock.now = 301_000;
    expect(await taken(ports, 'b')).toBe('p1');
    expect(there[0]?.tags).toEqual(['blue']);
  });

  it('is refused when each is somebody’s, or a server has it', async () => {
    const { ports, there } = neutron(...ids);
    for (const port of there) port.device_id = 'server';
    await expect(ports.take(ids, mark('a'), signal)).rejects.toMatchObject({ fault: 'quota' });
  });

  it('is listed by its mark until it is given back', async () => {
    const { ports } = neutron(...ids);
    const id = await ports.take(ids, mark('a'), signal);
    expect(await ports.list(ids, 'o', signal)).toEqual([
      { what: 'builder', id: `port-${id}`, mark: mark('a') },
    ]);
    expect(await ports.list(ids, 'other', signal)).toEqual([]);
    await ports.release(id, signal);
    expect(await ports.list(ids, 'o', signal)).toEqual([]);
    expect(await ports.take(ids, mark('b'), signal)).toBe(id);
  });
});
