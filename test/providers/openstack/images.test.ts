import { describe, expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import { Compute } from '../../../src/providers/openstack/compute.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { Images } from '../../../src/providers/openstack/images.ts';
import { Names } from '../../../src/providers/openstack/names.ts';
import { Session } from '../../../src/providers/openstack/session.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const { signal } = new AbortController();

/** A cloud that answers by what is asked: `GET /v2/images?…`; what it does not know is not there. */
function cloudThat(answers: Record<string, unknown>) {
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
    const found = answers[`${ask.method} ${pathname}${search}`];
    return { status: found === undefined ? 404 : 200, text: JSON.stringify(found), header: () => undefined };
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

describe('an image that is shared', () => {
  it('becomes visible to its members, and is shared again without harm', async () => {
    const { session, asked } = cloudThat({ 'PATCH /v2/images/i': {}, 'POST /v2/images/i/members': {} });
    const images = new Images(session);
    await images.share({ ...image('i', ''), visibility: 'private' }, ['p1', 'p2'], signal);
    await images.share({ ...image('i', ''), visibility: 'shared' }, ['p1'], signal);
    expect(asked.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'PATCH [{"op":"replace","path":"/visibility","value":"shared"}]',
      'POST {"member":"p1"}',
      'POST {"member":"p2"}',
      'POST {"member":"p1"}',
    ]);
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
