import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import { start } from '../../support/bakery-services.ts';
import { type Database, openDatabase } from '../../support/database.ts';
import { persist } from '../../support/persist.ts';
import { fromRig } from '../../support/rig.ts';
import { freeCall } from '../../support/settle.ts';
import { cloudOf, openrc } from './account.ts';
import { everything } from './everything.ts';
import { FaultProxy } from './fault-proxy.ts';
import { hostOfServers, settings } from './openstack-world.ts';
import { ordersOf } from './orders.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const owner = `owner-${randomBytes(4).toString('hex')}`;
const orders = ordersOf(owner);

let proxy: FaultProxy;
let provider: Provider;
let image: Image;
let before: Awaited<ReturnType<typeof everything>>;
let database: Database;

const order = (): LaunchOrder => {
  const made = orders.launch(image);
  const health = { path: '/', within: 60_000 };
  return {
    ...made,
    spec: { ...made.spec, start: start.migrates, once: true, health },
    environment: { DATABASE: database.url, BAKERY_ENVIRONMENT: 'dev', PASSWORD: 'none' },
  };
};
const launched = (made: LaunchOrder) => persist(() => provider.launch(made, freeCall()));
const listed = async () => (await provider.list(owner, freeCall())).filter(({ what }) => what !== 'image');
const servers = async (): Promise<string[]> =>
  (await listed()).filter(({ what }) => what === 'instance').map(({ id }) => id);
const engine = (...args: string[]): string =>
  execFileSync('docker', ['-H', fromRig('BAKERY_TEST_OPENSTACK_ENGINE'), ...args], { encoding: 'utf8' });

beforeAll(async () => {
  proxy = new FaultProxy();
  await proxy.listen();
  const { session } = cloudOf({ ...openrc(), ...proxy.env() });
  provider = openStackProvider('openstack', settings(), session);
  const bake = await orders.bake('commands');
  image = await persist(() => provider.bake(bake, freeCall()));
  before = await everything();
});
afterAll(async () => {
  await persist(() => provider.removeImage(image.id, freeCall()));
  proxy.close();
});
beforeEach(async () => {
  database = await openDatabase(hostOfServers());
});
afterEach(async () => {
  proxy.rules.length = 0;
  // As the core takes down what a stage made, until nothing of it is listed.
  for (let found = await listed(); found.length > 0; found = await listed())
    for (const { id } of found) await persist(() => provider.terminate(id, 500, freeCall()));
  expect(await everything()).toEqual(before);
});

it('a command whose start nobody heard of runs once', async () => {
  const lost = { method: 'POST', path: /\/servers$/, times: 1, does: { kind: 'lose' } } as const;
  proxy.rule({ service: 'compute', ...lost });
  const made = order();
  const { id } = await launched(made);
  expect([database.runs, await servers()]).toEqual([['dev'], [id]]);
  expect(await provider.launch(made, freeCall())).toMatchObject({ ready: true, value: { id } });
  expect(database.runs).toHaveLength(1);
});

it('a command that two servers were made for runs on one of them', async () => {
  const made = order();
  await provider.launch(made, freeCall());
  // Nova does not show yet that it has one: looked for, looked for an earlier try, and for one that ended, twice.
  const none = { kind: 'answer', status: 200, body: { servers: [] } } as const;
  proxy.rule({ service: 'compute', method: 'GET', path: /\/servers\/detail/, times: 4, does: none });
  await provider.launch(made, freeCall());
  const both = await servers();
  expect(both).toHaveLength(2);
  // Both boot and switch themselves off, and nobody looks at them meanwhile.
  const running = () =>
    both.map((id) => engine('inspect', '-f', '{{.State.Running}}', `server-${id}`).trim());
  await expect.poll(running, { timeout: 120_000, interval: 500 }).toEqual(['false', 'false']);
  expect(database.runs).toEqual(['dev']);
  await launched(made);
  expect(database.runs).toEqual(['dev']);
});

it('a server that dies in the middle of its command is no success: nobody knows how far it got', async () => {
  database.holds.add('dev');
  const made = order();
  const ends = launched(made).catch((error: unknown) => error);
  await expect.poll(() => database.runs.length, { timeout: 90_000 }).toBe(1);
  const [id = ''] = await servers();
  const told = () =>
    provider.logs(
      { ...{ provider: 'openstack', address: '' }, id, effect: '', generation: 1 },
      9,
      freeCall(),
    );
  await expect.poll(told, { timeout: 30_000 }).toEqual(['connecting with none']);
  engine('kill', `server-${id}`);
  expect(await ends).toMatchObject({
    fault: 'exited',
    message: expect.stringContaining('Nobody knows how far it got'),
    lines: ['connecting with none'],
  });
  await expect(launched(made)).rejects.toMatchObject({ fault: 'exited' });
  expect(database.runs).toEqual(['dev']);
});

it('a retry waits until the server of the try before is gone: a command runs once at a time', async () => {
  database.holds.add('dev');
  const first = order();
  const ends = launched(first).catch((error: unknown) => error);
  await expect.poll(() => database.runs.length, { timeout: 90_000 }).toBe(1);
  const [id] = await servers();
  const again = launched({ ...first, mark: { ...first.mark, generation: 2 } });
  await expect
    .poll(async () => (await servers()).filter((one) => one !== id).length, { timeout: 90_000 })
    .toBe(1);
  expect(await servers()).not.toContain(id);
  expect(await ends).toMatchObject({ message: expect.stringContaining('Nobody knows how far it got') });
  database.release();
  expect((await again).generation).toBe(2);
  expect(database.runs).toEqual(['dev', 'dev']);
});
