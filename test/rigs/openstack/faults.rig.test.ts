import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import { persist } from '../../support/persist.ts';
import { fromRig } from '../../support/rig.ts';
import { freeCall } from '../../support/settle.ts';
import { until } from '../../support/until.ts';
import { cloudOf, openrc } from './account.ts';
import { everything } from './everything.ts';
import { FaultProxy, type Rule } from './fault-proxy.ts';
import { settings } from './openstack-world.ts';
import { ordersOf } from './orders.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const owner = `owner-${randomBytes(4).toString('hex')}`;
const orders = ordersOf(owner);

let proxy: FaultProxy;
let provider: Provider;
let image: Image;
let before: Awaited<ReturnType<typeof everything>>;

const launchOrder = (): LaunchOrder => orders.launch(image);
const bake = async (content: string) => {
  const order = await orders.bake(content);
  return persist(() => provider.bake(order, freeCall()));
};
const removeImage = ({ id }: Image) => persist(() => provider.removeImage(id, freeCall()));

beforeAll(async () => {
  before = await everything();
  proxy = new FaultProxy();
  await proxy.listen();
  const { session } = cloudOf({ ...openrc(), ...proxy.env() });
  provider = openStackProvider('openstack', settings(), session);
});
afterAll(() => proxy.close());

/** Nothing of ours in the cloud but the image that the launches are of; and by Nova's and Glance's own lists. */
async function nothingLeft(but: Image[]): Promise<void> {
  const wanted = but.map(({ id }) => `image ${id}`);
  await until(
    'nothing else is listed',
    async () => {
      const listed = await provider.list(owner, freeCall());
      return listed.map(({ what, id }) => `${what} ${id}`).join() === wanted.join();
    },
    30_000,
  );
  const now = await everything();
  const snapshots = [...before.snapshots, ...but.map(({ id }) => id)].sort();
  expect(now).toEqual({ ...before, snapshots });
}

const answer = (status: number, headers: Record<string, string> = {}): Rule['does'] => ({
  kind: 'answer',
  status,
  headers,
});
const bakes: [string, Rule][] = [
  [
    'the answer to making a builder is lost',
    { service: 'compute', method: 'POST', path: /\/servers$/, times: 1, does: { kind: 'lose' } },
  ],
  [
    'the answer to keeping its disk is lost',
    { service: 'compute', method: 'POST', path: /\/action$/, times: 3, does: { kind: 'lose' } },
  ],
  [
    'Nova is in the middle of something when its disk is kept',
    { service: 'compute', method: 'POST', path: /\/action$/, times: 2, does: answer(409) },
  ],
  [
    'Nova breaks while its disk is kept',
    { service: 'compute', method: 'POST', path: /\/action$/, times: 2, does: answer(500) },
  ],
  ['Glance has no time', { service: 'image', method: 'GET', path: /\/images/, times: 3, does: answer(503) }],
];

describe('a bake', () => {
  it.each(bakes)('ends with one image and nothing left over when %s', async (_, rule) => {
    const met = proxy.met;
    proxy.rule(rule);
    const made = await bake('faults');
    expect(proxy.met - met).toBeGreaterThan(0);
    await nothingLeft([made]);
    await removeImage(made);
    await nothingLeft([]);
  });

  it('ends with one image and nothing left over when Glance is away for a minute', async () => {
    const control = (what: string) =>
      execFileSync('docker', [
        ...['-H', fromRig('BAKERY_TEST_OPENSTACK_ENGINE'), 'exec', 'control-plane', 'supervisorctl'],
        ...['-c', '/etc/supervisor/rig.conf', what, 'openstack:glance'],
      ]);
    const baking = bake('away');
    await pause(3_000);
    control('stop');
    await pause(60_000).finally(() => control('start'));
    const made = await baking;
    await nothingLeft([made]);
    await removeImage(made);
    await nothingLeft([]);
  });

  it('of an image that Glance gave up fails at once, removes it, and can be retried', async () => {
    const order = await orders.bake('killed');
    const does = { kind: 'change', from: '"status": "active"', to: '"status": "killed"' } as const;
    const snapshots = /\/images\?bakery_inputs=/;
    const ask = () => provider.bake(order, freeCall());
    // Not the base: that has to be active.
    proxy.rule({ service: 'image', method: 'GET', path: snapshots, times: 100, does });
    const told = persist(ask);
    await expect(told).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringMatching(/killed.*was removed/),
    });
    proxy.rules.length = 0;
    const made = await persist(ask);
    await nothingLeft([made]);
    await removeImage(made);
    await nothingLeft([]);
  });
});

const launches: [string, Rule][] = [
  [
    'the answer to making a server is lost',
    { service: 'compute', method: 'POST', path: /\/servers$/, times: 1, does: { kind: 'lose' } },
  ],
  [
    'its token is refused in mid-flight',
    {
      ...{ service: 'compute', method: 'POST', path: /\/servers$/, times: 1 },
      does: { kind: 'answer', status: 401, body: { error: { code: 401, message: 'expired' } } },
    },
  ],
  [
    'Nova wants it to come later',
    {
      ...{ service: 'compute', method: 'POST', path: /\/servers$/, times: 2 },
      does: answer(429, { 'retry-after': '1' }),
    },
  ],
  [
    'Nova has too much to do',
    {
      ...{ service: 'compute', method: 'POST', path: /\/servers$/, times: 1 },
      does: answer(413, { 'retry-after': '1' }),
    },
  ],
  [
    'Nova breaks while it is looked for',
    { service: 'compute', method: 'GET', path: /\/servers\/detail/, times: 3, does: answer(500) },
  ],
];

describe('a launch', () => {
  beforeAll(async () => {
    image = await bake('launches');
  });
  afterAll(async () => {
    await removeImage(image);
    await nothingLeft([]);
  });

  it.each(launches)('ends with one server, and none when it is ended, when %s', async (_, rule) => {
    const met = proxy.met;
    proxy.rule(rule);
    const order = launchOrder();
    const made = await persist(() => provider.launch(order, freeCall()));
    expect(proxy.met - met).toBeGreaterThan(0);
    const servers = (await provider.list(owner, freeCall())).filter(({ what }) => what === 'instance');
    expect(servers.map(({ id }) => id)).toEqual([made.id]);
    await persist(() => provider.terminate(made.id, 500, freeCall()));
    await nothingLeft([image]);
  });

  it('waits for a slow catalog', async () => {
    const slow = new FaultProxy();
    await slow.listen();
    slow.rule({
      ...{ service: 'identity', method: 'POST', path: /\/auth\/tokens$/, times: 1 },
      does: { kind: 'delay', ms: 8_000 },
    });
    const { session, close } = cloudOf({ ...openrc(), ...slow.env() });
    const other = openStackProvider('openstack', settings(), session);
    expect(await other.inspectImage(image, freeCall())).toEqual({ state: 'present' });
    await close();
    slow.close();
  });

  it('that no host has room for fails at once, in Nova’s own words, and leaves what it made to be ended', async () => {
    const { session } = cloudOf({ ...openrc(), ...proxy.env() });
    const huge = openStackProvider('openstack', settings({ flavor: 'm1.huge' }), session);
    const order = launchOrder();
    await expect(persist(() => huge.launch(order, freeCall()))).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringContaining('No valid host was found'),
    });
    const [left] = (await huge.list(owner, freeCall())).filter(({ what }) => what === 'instance');
    await persist(() => huge.terminate(left?.id ?? '', 500, freeCall()));
    await nothingLeft([image]);
  });
});
