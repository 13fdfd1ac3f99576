import { describe, expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import { Compute } from '../../../src/providers/openstack/compute.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { Images } from '../../../src/providers/openstack/images.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import { Names } from '../../../src/providers/openstack/names.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import type { OpenStackSettings } from '../../../src/providers/openstack/settings.ts';
import { freeCall } from '../../support/settle.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const { signal } = new AbortController();

/** A cloud that answers by what is asked: `GET /v2/images?…`; what it does not know is not there. */
function cloudThat(
  answers: Record<string, unknown>,
  fails: (ask: Ask) => number | undefined = () => undefined,
) {
  const asked: Ask[] = [];
  const exchange = async (ask: Ask) => {
    const { pathname, search } = new URL(ask.url);
    const at = (type: string) => ({ type, endpoints: [{ interface: 'public', url: `http://${type}` }] });
    const token = {
      ...{ expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' } },
      catalog: ['image', 'compute'].map(at),
    };
    if (pathname === '/v3/auth/tokens')
      return { status: 201, text: JSON.stringify({ token }), header: () => 't' };
    asked.push(ask);
    const status = fails(ask);
    if (status !== undefined) return { status, text: '', header: () => undefined };
    const found = answers[`${ask.method} ${pathname}${search}`];
    return {
      status: found === undefined ? 404 : 200,
      text: JSON.stringify(found ?? {}),
      header: () => undefined,
    };
  };
  return { session: new Session(cloud, { exchange, now: () => 0 }), asked };
}
const image = (id: string, created: string, more: object = {}) => ({
  ...{ id, name: 'debian', status: 'active', created_at: created },
  ...more,
});

describe('a base image', () => {
  it('is found by its properties, the newest active one of several', async () => {
    const images = [
      image('old', '2026-01-01T00:00:00Z'),
      image('new', '2026-02-01T00:00:00Z'),
      image('newer', '2026-03-01T00:00:00Z', { status: 'queued' }),
    ];
    const { session } = cloudThat({ 'GET /v2/images?os_distro=debian&os_version=12': { images } });
    const found = await new Images(session).base('os_distro=debian,os_version=12', signal);
    expect(found.id).toBe('new');
  });

  it('that is a volume’s snapshot is refused before anything is made', async () => {
    const mapping = JSON.stringify([{ snapshot_id: 's', source_type: 'snapshot' }]);
    const made = image('i', '2026-01-01T00:00:00Z', { block_device_mapping: mapping });
    const { session } = cloudThat({ 'GET /v2/images/i': made });
    await expect(new Images(session).base('i', signal)).rejects.toMatchObject({
      fault: 'bad settings',
      message: expect.stringContaining('does not boot from volumes'),
    });
  });
});

describe('an image whose release is promoted', () => {
  const settings = (over: Partial<OpenStackSettings>): OpenStackSettings => ({
    ...{ flavor: 'f', network: 'n', address: 'fixed', configDrive: true, container: 'c', port: 1 },
    ...{ boot: 1, baking: 1, keep: () => Promise.reject(new Error('nothing is baked')), now: () => 0 },
    ...over,
  });
  const made = { provider: 'cloud', id: 'i', digest: 'd', manifest: 'm', size: 1, reused: false };
  const mark = {
    ...{ owner: 'o', service: 'hello', version: 7, environment: 'verify' },
    ...{ effect: 'publish.hello.v7', generation: 1, epoch: 0 },
  };

  it('is described, made visible and shared, and again without harm', async () => {
    const inGlance = image('i', '', { visibility: 'private', hw_disk_bus: 'virtio' });
    const { session, asked } = cloudThat({
      'GET /v2/images/i': inGlance,
      'PATCH /v2/images/i': {},
      'POST /v2/images/i/members': {},
    });
    const properties = { hw_disk_bus: 'virtio', stage: 'released' };
    const over = settings({ shareWith: ['p1', 'p2'], imageProperties: properties });
    const provider = openStackProvider('cloud', over, session);
    expect(await provider.publish(made, mark, freeCall())).toEqual({ ready: true, value: [] });
    expect(asked.flatMap(({ method, body }) => (method === 'GET' ? [] : `${method} ${body}`))).toEqual([
      `PATCH ${JSON.stringify([
        { op: 'add', path: '/stage', value: 'released' },
        { op: 'add', path: '/bakery_promoted', value: 'v7' },
        { op: 'add', path: '/visibility', value: 'shared' },
      ])}`,
      'POST {"member":"p1"}',
      'POST {"member":"p2"}',
    ]);
    Object.assign(inGlance, { visibility: 'shared', stage: 'released', bakery_promoted: 'v7' });
    asked.length = 0;
    await provider.publish(made, mark, freeCall());
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST']);
  });

  it('by two at once is as it is wanted, though Glance fails for one of them', async () => {
    const inGlance = image('i', '', { visibility: 'private' });
    const { session, asked } = cloudThat({ 'GET /v2/images/i': inGlance }, ({ method }) => {
      if (method !== 'PATCH') return undefined;
      // The other one came first.
      Object.assign(inGlance, { bakery_promoted: 'v7' });
      return 500;
    });
    const provider = openStackProvider('cloud', settings({}), session);
    expect(await provider.publish(made, mark, freeCall())).toEqual({ ready: true, value: [] });
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET']);
  });

  it('and that is gone is the fault unknown image, and nobody is told of it', async () => {
    const { session, asked } = cloudThat({});
    const provider = openStackProvider('cloud', settings({ shareWith: ['p1'] }), session);
    await expect(provider.publish(made, mark, freeCall())).rejects.toMatchObject({ fault: 'unknown image' });
    expect(asked.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('a flavor', () => {
  it('without a disk of its own is refused before anything is made', async () => {
    const flavors = [{ id: '1', name: 'v1.small', vcpus: 1, ram: 512, disk: 0 }];
    const { session } = cloudThat({
      'GET /v2.1/': { version: { version: '2.90', min_version: '2.1' } },
      'GET /v2.1/flavors/detail': { flavors },
    });
    await expect(new Names(session, new Compute(session)).flavor('v1.small', signal)).rejects.toMatchObject({
      fault: 'bad settings',
      message: expect.stringContaining('does not boot from volumes'),
    });
  });
});
