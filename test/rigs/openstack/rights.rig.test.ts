import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { octaviaBalancer } from '../../../src/balancers/octavia/index.ts';
import { ready } from '../../../src/pipeline/provider.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import type { Session } from '../../../src/providers/openstack/session.ts';
import { freePort } from '../../support/free-port.ts';
import { persist } from '../../support/persist.ts';
import { fromRig } from '../../support/rig.ts';
import { freeCall } from '../../support/settle.ts';
import { cloudOf, openrc } from './account.ts';
import { everything } from './everything.ts';
import { makeLoadBalancer, removeLoadBalancer } from './octavia-api.ts';
import { settings } from './openstack-world.ts';
import { ordersOf } from './orders.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const rules = JSON.parse(
  readFileSync(new URL('../../../examples/openstack/access-rules.json', import.meta.url), 'utf8'),
);
const { signal } = new AbortController();
const demo = cloudOf(openrc()).session;

async function idOfDemo(): Promise<string> {
  const user = { name: 'demo', password: 'secret', domain: { id: 'default' } };
  const response = await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
  });
  const told = z.object({ token: z.object({ user: z.object({ id: z.string() }) }) });
  return told.parse(await response.json()).token.user.id;
}

/** An application credential of `demo` that may do what the example allows, and nothing else. */
async function restricted(): Promise<Session> {
  const userId = await idOfDemo();
  const made = await demo.ask(
    {
      service: 'identity',
      method: 'POST',
      path: `/users/${userId}/application_credentials`,
      body: {
        application_credential: {
          ...{ name: `rules-${Date.now()}`, access_rules: rules },
          roles: [{ name: 'member' }, { name: 'load-balancer_member' }],
        },
      },
      doing: 'make an application credential',
    },
    z.object({ application_credential: z.object({ id: z.string(), secret: z.string() }) }),
    signal,
  );
  const { id, secret } = made.application_credential;
  const { OS_AUTH_URL, OS_REGION_NAME } = openrc();
  return cloudOf({
    ...{ OS_AUTH_URL, OS_REGION_NAME },
    OS_AUTH_TYPE: 'v3applicationcredential',
    OS_APPLICATION_CREDENTIAL_ID: id,
    OS_APPLICATION_CREDENTIAL_SECRET: secret,
  }).session;
}

let session: Session;
let balancerId: string;
let before: Awaited<ReturnType<typeof everything>>;
beforeAll(async () => {
  before = await everything();
  session = await restricted();
  balancerId = await makeLoadBalancer(`rights-${Date.now()}`);
});
afterAll(async () => {
  await removeLoadBalancer(balancerId);
  expect(await everything()).toEqual(before);
});

it('bakes, promotes, runs and ends with an application credential of these access rules alone', async () => {
  const orders = ordersOf(`owner-${randomBytes(4).toString('hex')}`);
  const provider = openStackProvider(
    'openstack',
    settings({ imageProperties: { hw_rng_model: 'virtio' } }),
    session,
  );
  const bake = await orders.bake('rights');
  const image = await persist(() => provider.bake(bake, freeCall()));
  await persist(() => provider.publish(image, bake.mark, freeCall()));
  const order = orders.launch(image);
  const made = await persist(() => provider.launch(order, freeCall()));
  expect((await provider.inspect(made, { path: '/healthz' }, freeCall())).state).toBe('running');
  expect(await provider.logs(made, 5, freeCall())).not.toEqual([]);
  expect((await provider.list(order.mark.owner, freeCall())).map(({ what }) => what).sort()).toEqual([
    'image',
    'instance',
  ]);
  await persist(() => provider.terminate(made.id, 500, freeCall()));
  await persist(() => provider.removeImage(image.id, freeCall()));
  expect(await provider.list(order.mark.owner, freeCall())).toEqual([]);
});

it('moves traffic with an application credential of these access rules alone', async () => {
  const told = { loadBalancer: balancerId, host: '127.0.0.1', statistics: 200 };
  const check = { every: 1, timeout: 1, up: 1, down: 1 };
  const balancer = octaviaBalancer({ ...told, check }, session);
  const frontend = { slot: 'rights.test', port: await freePort() };
  const instance = {
    provider: 'openstack',
    id: 'one',
    address: 'http://10.0.0.9:8080',
    effect: 'e',
    generation: 1,
  };
  await persist(async () =>
    ready(await balancer.attach(frontend, instance, { path: '/healthz' }, 1, freeCall())),
  );
  expect((await balancer.members(frontend, freeCall())).members.map((member) => member.instance)).toEqual([
    'one',
  ]);
  await balancer.drain(frontend, 'one', Date.now(), 1, freeCall());
  await balancer.detach(frontend, 'one', 1, freeCall());
  expect((await balancer.members(frontend, freeCall())).members).toEqual([]);
});

it('may not do with it what no rule names', async () => {
  const asked = {
    service: 'compute',
    method: 'DELETE',
    path: '/servers/x/tags',
    doing: 'do what no rule names',
  } as const;
  await expect(session.send(asked, signal)).rejects.toMatchObject({ fault: 'denied' });
});
