import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checkHaproxy } from '../../../src/balancers/haproxy/check.ts';
import { haproxyBalancer } from '../../../src/balancers/haproxy/index.ts';
import { askHaproxy } from '../../../src/balancers/haproxy/runtime-socket.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { calmCall } from '../../support/call.ts';
import { rigServer } from '../../support/rig.ts';
import { until } from '../../support/until.ts';
import type { WebMember } from '../../support/web-member.ts';
import { type HaproxyRig, haproxyRig } from './place.ts';

const call = calmCall();
const health = { path: '/health' };
let rig: HaproxyRig;
beforeAll(async () => {
  rig = await haproxyRig(40);
});
afterAll(() => rig.close());
afterEach(async () => {
  // Whatever a test left, the next one finds a HAProxy that runs.
  await askHaproxy(rig.at.socket, 'show info', 500).catch(() => rigServer.start());
});

const weights = async (frontend: Frontend) =>
  (await rig.balancer.members(frontend, call)).members.map((one) => one.weight);

/** Two healthy members, the first with all traffic, under epoch 1. */
async function serving(): Promise<{ frontend: Frontend; old: WebMember; next: WebMember }> {
  const frontend = await rig.frontend();
  const [old, next] = [await rig.member(), await rig.member()];
  for (const { instance } of [old, next]) await rig.balancer.attach(frontend, instance, health, 1, call);
  await until('both are healthy', async () =>
    (await rig.balancer.members(frontend, call)).members.every((one) => one.health === 'healthy'),
  );
  await rig.balancer.shift(frontend, { [old.instance.id]: 100 }, 1, call);
  return { frontend, old, next };
}

test('a HAProxy that was killed in the middle of a shift serves the old version when it is back', async () => {
  const { frontend, old, next } = await serving();
  await rigServer.stop();
  const shift = rig.balancer.shift(frontend, { [next.instance.id]: 100 }, 1, call);
  await expect(shift).rejects.toMatchObject({ fault: 'unreachable' });
  await rigServer.start();
  expect(await rig.send(frontend)).toBe(old.instance.id);
  expect(await weights(frontend)).toEqual([100, 0]);
  // The undo of the deployment: nothing is left over.
  await rig.balancer.detach(frontend, next.instance.id, 1, call);
  expect(await weights(frontend)).toEqual([100]);
  // Its place is in maintenance: bit 1 of HAProxy's srv_admin_state, the seventh column.
  const state = await askHaproxy(rig.at.socket, `show servers state bakery.${frontend.slot}`, 2000);
  const states = state
    .split('\n')
    .filter((line) => line.includes(` ${new URL(next.instance.address).port} `))
    .map((line) => Number(line.split(' ')[6]) % 2);
  expect(states).not.toContain(0);
});

test('weights, members and health are there after a reload, with nothing of Bakery running', async () => {
  const { frontend, old, next } = await serving();
  await rig.balancer.shift(frontend, { [old.instance.id]: 25, [next.instance.id]: 75 }, 1, call);
  await rigServer.reload();
  const stat = await askHaproxy(rig.at.socket, `show servers state bakery.${frontend.slot}`, 2000);
  expect(stat.split('\n').filter((line) => / 2 4 (25|75) /.test(line))).toHaveLength(2);
  const answers = await Promise.all(Array.from({ length: 8 }, () => rig.send(frontend)));
  expect(new Set(answers)).toEqual(new Set([old.instance.id, next.instance.id]));
});

test('a HAProxy that lost all its state is filled again at the next look', async () => {
  const { frontend, old, next } = await serving();
  await rig.balancer.shift(frontend, { [next.instance.id]: 100 }, 1, call);
  await rigServer.stop();
  rmSync(join(rig.at.stateDir, `bakery.${frontend.slot}`));
  writeFileSync(join(rig.at.stateDir, `bakery.${frontend.slot}.paths`), '');
  await rigServer.start();
  expect(await rig.send(frontend)).toBeUndefined();
  expect(await weights(frontend)).toEqual([0, 100]);
  expect(await rig.send(frontend)).toBe(next.instance.id);
  expect(old.healthy).toBe(true);
});

test('who is expected is checked before he is a member, gets nothing, and needs no more checks when he comes', async () => {
  const { frontend, old, next } = await serving();
  const backend = `bakery.${frontend.slot}`;
  // By `show servers state` (HAProxy's management guide): the port, the bits of its administrative state, and up.
  const seen = async (name: string) => {
    const state = await askHaproxy(rig.at.socket, `show servers state ${backend}`, 2000);
    const cells = state.split('\n').map((line) => line.split(' '));
    const found = cells.find((one) => one[3] === name) ?? [];
    const bits = Number(found[6]);
    const is = (bits & 0x63) !== 0 ? 'maint' : (bits & 0x18) !== 0 ? 'drain' : 'ready';
    return { port: found[18], is, up: found[5] !== '0' };
  };
  let now = Date.now();
  const balancer = haproxyBalancer({ ...rig.at, now: () => now });
  const [comes, fails] = [await rig.member(), await rig.member()];
  const expected = ({ instance: { id: key, address } }: typeof comes) => ({
    key,
    address,
    path: health.path,
  });
  const portOf = ({ instance }: typeof comes) => new URL(instance.address).port;
  fails.healthy = false;
  await balancer.expect?.(frontend, { key: comes.instance.id, path: health.path }, now + 60_000, call);
  expect(await seen('member3')).toEqual({ port: '1', is: 'drain', up: false });
  for (const one of [comes, fails]) await balancer.expect?.(frontend, expected(one), now + 60_000, call);
  await until('he is up', async () => (await seen('member3')).up && (await seen('spare3')).up);
  expect(await seen('member3')).toEqual({ port: portOf(comes), is: 'drain', up: true });
  expect(await seen('member4')).toEqual({ port: portOf(fails), is: 'drain', up: false });
  // Nobody with weight: whoever stands by serves, and not who is expected.
  old.healthy = false;
  await until('the other one serves', async () => (await rig.send(frontend)) === next.instance.id);
  next.healthy = false;
  await until('nobody serves', async () => (await rig.send(frontend)) === undefined);
  for (const one of [old, next]) one.healthy = true;
  await until('they serve', async () => (await rig.send(frontend)) === old.instance.id);

  await balancer.attach(frontend, comes.instance, health, 1, call);
  const { members } = await balancer.members(frontend, call);
  expect(members.find(({ instance }) => instance === comes.instance.id)).toMatchObject({
    weight: 0,
    health: 'healthy',
  });
  expect(await seen('spare3')).toEqual({ port: portOf(comes), is: 'ready', up: true });
  await rigServer.reload();
  await balancer.members(frontend, call);
  await until('he is checked anew', async () => !(await seen('member4')).up);
  expect(await seen('member4')).toEqual({ port: portOf(fails), is: 'drain', up: false });
  now += 60_000;
  await balancer.members(frontend, call);
  expect(await seen('member4')).toMatchObject({ is: 'maint' });
});

test('a late command of an older epoch is taken back at the next look', async () => {
  const { frontend, old, next } = await serving();
  await rig.balancer.shift(frontend, { [next.instance.id]: 100 }, 2, call);
  // What a worker that was frozen behind its check sends when it thaws.
  const late = `set server bakery.${frontend.slot}/member1 weight 100;set server bakery.${frontend.slot}/member2 weight 0`;
  await askHaproxy(rig.at.socket, late, 2000);
  expect(await rig.send(frontend)).toBe(old.instance.id);
  expect(await weights(frontend)).toEqual([0, 100]);
  expect(await rig.send(frontend)).toBe(next.instance.id);
});

test('two workers that change a slot at once both get their way, one after the other', async () => {
  const { frontend, old, next } = await serving();
  const others = [await rig.member(), await rig.member(), await rig.member()];
  await Promise.all(
    others.map(({ instance }) => haproxyBalancer(rig.at).attach(frontend, instance, health, 1, call)),
  );
  const { members } = await rig.balancer.members(frontend, call);
  expect(members.map(({ instance }) => instance).sort()).toEqual(
    [old, next, ...others].map(({ instance }) => instance.id).sort(),
  );
});

test('a drain waits for a request that runs in the process that a reload left behind', async () => {
  const { frontend, old, next } = await serving();
  const held = await rig.begin(frontend);
  expect(held.instance).toBe(old.instance.id);
  await rigServer.reload();
  await rig.balancer.shift(frontend, { [next.instance.id]: 100 }, 1, call);
  const far = Date.now() + 60_000;
  const drain = () => rig.balancer.drain(frontend, old.instance.id, far, 1, call);
  expect(await drain()).toMatchObject({ ready: false, note: expect.stringContaining('1 requests') });
  await held.finish();
  await until('drained', async () => (await drain()).ready, 20_000);
});

test('what HAProxy does not declare is an error that says so, and changes nothing', async () => {
  const { instance } = await rig.member();
  const unknown = { slot: 'nobody.production', port: 1 };
  const attach = rig.balancer.attach(unknown, instance, health, 1, call);
  await expect(attach).rejects.toMatchObject({ fault: 'unexpected state' });
  await expect(attach).rejects.toThrow(/no backend bakery.nobody.production/);
});

test('a full backend is a quota', async () => {
  const { frontend } = await serving();
  for (let count = 0; count < 6; count += 1)
    await rig.balancer.attach(frontend, (await rig.member()).instance, health, 1, call);
  const attach = rig.balancer.attach(frontend, (await rig.member()).instance, health, 1, call);
  await expect(attach).rejects.toMatchObject({ fault: 'quota' });
});

test('a check finds nothing missing in the ready configuration, and names what is missing in another', async () => {
  const [{ slot, port } = { slot: '', port: 0 }] = rig.at.slots.slice(40);
  expect(await checkHaproxy(rig.at, [{ slot, port, count: 2 }])).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'bakery-check-'));
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, readFileSync(rig.at.config, 'utf8').replaceAll('option idle-close-on-response', ''));
  const findings = await checkHaproxy(
    rig.at,
    [
      { slot, port, count: 5 },
      { slot: 'new.one', port: 1, count: 1 },
    ],
    file,
  );
  rmSync(folder, { recursive: true });
  expect(findings).toEqual([
    expect.stringContaining('has 8 places and needs 15'),
    expect.stringContaining('no backend bakery.new.one'),
    expect.stringContaining('Nobody listens on 127.0.0.1:1'),
    expect.stringContaining('idle-close-on-response'),
  ]);
});
