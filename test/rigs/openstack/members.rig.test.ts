import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { octaviaBalancer } from '../../../src/balancers/octavia/index.ts';
import type { Balancer } from '../../../src/pipeline/balancer.ts';
import type { Mark, TaskResults } from '../../../src/pipeline/domain/task.ts';
import { type Provider, ready } from '../../../src/pipeline/provider.ts';
import { reap } from '../../../src/pipeline/tasks/reap.ts';
import { cloudOf } from '../../../src/providers/openstack/cloud-parts.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import { labelsOf } from '../../../src/providers/openstack/marks.ts';
import { ownerTag, serverName } from '../../../src/providers/openstack/servers.ts';
import { sessionOf } from '../../../src/providers/openstack/session-of.ts';
import { freePort } from '../../support/free-port.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { everything } from './everything.ts';
import { makeLoadBalancer, removeLoadBalancer } from './octavia-api.ts';
import { base, cloudsFile, settings } from './openstack-world.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const { signal } = new AbortController();
const owner = `owner-${randomBytes(4).toString('hex')}`;
const told = { cloud: 'rig', cloudsFile: cloudsFile() };
const session = sessionOf(told);
const { servers, images, names } = cloudOf('openstack', session, settings());
const provider: Provider = openStackProvider('openstack', settings());
const markOf = (): Mark => ({
  ...{ owner, service: 'hello', version: 1, environment: 'removed' },
  ...{ effect: `effect-${randomBytes(4).toString('hex')}`, generation: 1, epoch: 0 },
});

let loadBalancer: string;
let balancer: Balancer;
let before: Awaited<ReturnType<typeof everything>>;

beforeAll(async () => {
  before = await everything();
  loadBalancer = await makeLoadBalancer(`members-${Date.now()}`);
  const check = { every: 1, timeout: 1, up: 1, down: 1 };
  balancer = octaviaBalancer({ ...told, loadBalancer, host: '127.0.0.1', check, statistics: 200 });
});
afterAll(async () => {
  await removeLoadBalancer(loadBalancer);
  expect(await everything()).toEqual(before);
});

/** A server as a launch makes it, from the base itself: what runs on it is not asked here. */
async function serverOf(mark: Mark): Promise<string> {
  const name = serverName(mark, 'instance');
  const order = {
    ...{ name, imageRef: (await images.base(base, signal)).id, user_data: '', tags: [ownerTag(owner)] },
    flavorRef: (await names.flavor('m1.tiny', signal)).id,
    networks: [{ uuid: await names.network('private', signal) }],
    metadata: labelsOf(mark, 'instance'),
  };
  await servers.make(order, undefined, signal);
  const made = async () => (await servers.named(name, signal))[0];
  await expect.poll(async () => (await made())?.status, { timeout: 120_000 }).toBe('ACTIVE');
  return (await made())?.id ?? '';
}

const listed = async ({ effect }: Mark): Promise<string[]> =>
  (await provider.list(owner, freeCall())).filter(({ mark }) => mark.effect === effect).map(({ id }) => id);

/** What the reaper does about a mark when no file names a slot of the service. */
async function reaped({ effect, generation }: Mark): Promise<TaskResults['reap']> {
  const input = { provider: 'openstack', owner, made: [{ effect, generation }], slots: [], grace: 500 };
  const tools = taskTools(provider, { now: Date.now });
  for (let known: unknown; ; ) {
    const outcome = await reap.run(input, tools, taskCall({ known }).call);
    if (outcome.is === 'done') return outcome.result;
    if (outcome.is === 'failed') throw new Error(outcome.failure.sentence);
    known = outcome.known;
    await pause(outcome.again);
  }
}

async function attach(slot: string, mark: Mark, id: string, address: string): Promise<void> {
  const { effect, generation } = mark;
  const instance = { provider: 'openstack', id, address, effect, generation, mark };
  const frontend = { slot, port: await portOf(slot) };
  await persist(async () =>
    ready(await balancer.attach(frontend, instance, { path: '/healthz' }, 1, freeCall())),
  );
}
const ports = new Map<string, number>();
async function portOf(slot: string): Promise<number> {
  const port = ports.get(slot) ?? (await freePort());
  ports.set(slot, port);
  return port;
}
const membersOf = async (slot: string): Promise<string[]> => {
  const { members } = await balancer.members({ slot, port: await portOf(slot) }, freeCall());
  return members.map(({ instance }) => instance);
};

/** Somebody gives a member traffic, or takes it from it, by Octavia’s own interface. */
async function weigh(id: string, backup: boolean): Promise<void> {
  const [pool, member] = id.replace('member-', '').split('.');
  const asked = { service: 'load-balancer', doing: 'weigh a member' } as const;
  const path = `/pools/${pool}/members/${member}`;
  await session.send({ ...asked, method: 'PUT', path, body: { member: { weight: 1, backup } } }, signal);
  const schema = z.object({ member: z.object({ provisioning_status: z.string(), backup: z.boolean() }) });
  await expect
    .poll(async () => (await session.ask({ ...asked, path }, schema, signal)).member, { timeout: 30_000 })
    .toEqual({ provisioning_status: 'ACTIVE', backup });
}

describe('a member of a pool in a slot that no file names', () => {
  it('is listed by its mark, left while it has traffic, and goes with its server; others stay', async () => {
    const slot = 'members.removed';
    const mark = markOf();
    const id = await serverOf(mark);
    await attach(slot, mark, id, 'http://10.0.0.7:80');
    await attach(slot, { ...mark, owner: 'them' }, 'theirs', 'http://10.0.0.9:80');
    const [server, member = '', ...more] = await listed(mark);
    expect([server, member.slice(0, 7), more]).toEqual([id, 'member-', []]);

    await weigh(member, false);
    expect(await reaped(mark)).toMatchObject({ removed: [], inUse: [member] });
    expect(await listed(mark)).toEqual([id, member]);

    await weigh(member, true);
    const { removed } = await reaped(mark);
    expect(removed.map((one) => one.id)).toEqual([id, member]);
    expect(await listed(mark)).toEqual([]);
    expect(await membersOf(slot)).toEqual(['theirs']);
  });

  it('whose server is gone is found by its tags alone, and taken out', async () => {
    const slot = 'members.dead';
    const mark = markOf();
    await attach(slot, mark, randomUUID(), 'http://10.0.0.8:80');
    const [member = '', ...more] = await listed(mark);
    expect([member.slice(0, 7), more]).toEqual(['member-', []]);
    await weigh(member, false);
    expect(await reaped(mark)).toMatchObject({ inUse: [], removed: [{ id: member }] });
    expect(await membersOf(slot)).toEqual([]);
  });
});
