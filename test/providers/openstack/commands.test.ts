import { expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import type { Ask } from '../../../src/providers/openstack/exchange.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { freeCall } from '../../support/settle.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});

it('a command is refused where no object store could tell how it ended, before anything is asked of Nova', async () => {
  const asked: Ask[] = [];
  const token = {
    expires_at: new Date(now + 3_600_000).toISOString(),
    project: { id: 'p' },
    catalog: [{ type: 'compute', endpoints: [{ interface: 'public', region_id: 'R', url: 'http://nova' }] }],
  };
  const exchange = async (ask: Ask) => {
    asked.push(ask);
    return { status: 201, text: JSON.stringify({ token }), header: () => 't' };
  };
  const provider = openStackProvider(
    'openstack',
    {
      ...{ flavor: 'small', network: 'private', address: 'fixed', configDrive: true, container: 'bakery' },
      ...{ port: 8080, boot: 60_000, baking: 60_000, keep: async () => '', now: () => now },
    },
    new Session(cloud, { exchange, now: () => now }),
  );
  const mark = {
    ...{ owner: 'us', service: 'hello', version: 1, environment: 'dev' },
    ...{ effect: 'migrate.hello.dev.1', generation: 1, epoch: 0 },
  };
  const launched = provider.launch(
    {
      image: { provider: 'openstack', id: 'i', digest: '', manifest: '', size: 1, reused: false },
      spec: {
        start: ['migrate'],
        once: true,
        health: { path: '/', within: 1_000 },
        grace: 1_000,
        settings: {},
      },
      ...{ environment: {}, mark },
    },
    freeCall(),
  );
  await expect(launched).rejects.toMatchObject({
    fault: 'denied',
    message: expect.stringMatching(
      /no object store \(Swift\).*Nothing was started and no database was changed/,
    ),
  });
  expect(asked.map(({ url }) => url)).toEqual(['http://keystone/v3/auth/tokens']);
});
