import { describe, expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
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

/** Neutron with some ports, each of which changes only for whoever saw it last. */
function neutron(...ids: string[]) {
  const ports = ids.map((id) => ({ id, device_id: '', description: '', revision_number: 1 }));
  const catalog = [{ type: 'network', endpoints: [{ interface: 'public', url: 'http://neutron' }] }];
  const token = { expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' }, catalog };
  const exchange = async ({ method, url, headers, body = '{}' }: Ask) => {
    const reply = (answer: object, status = 200) => ({
      ...{ status, text: JSON.stringify(answer), header: () => 't' },
    });
    if (url.endsWith('/auth/tokens')) return reply({ token }, 201);
    const port = ports.find(({ id }) => url.endsWith(id));
    if (port === undefined) return reply({}, 404);
    if (method === 'PUT') {
      if (headers?.['if-match'] !== `revision_number=${port.revision_number}`) return reply({}, 412);
      Object.assign(port, JSON.parse(body).port, { revision_number: port.revision_number + 1 });
    }
    return reply({ port });
  };
  return { ports: new Ports(new Session(cloud, { exchange, now: () => 0 })), there: ports };
}
const ids = ['p1', 'p2'];

describe('a port that was made beforehand', () => {
  it('is taken by one of two launches at once, and another by the other', async () => {
    const { ports } = neutron(...ids);
    const taken = await Promise.all(['a', 'b'].map((effect) => ports.take(ids, mark(effect), signal)));
    expect(taken.sort()).toEqual(ids);
    expect(await ports.take(ids, mark('a'), signal)).toBe(
      (await ports.list(ids, 'o', signal)).find((one) => one.mark.effect === 'a')?.id.slice(5),
    );
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
