import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { embeddedBalancer } from '../../../src/balancers/embedded/index.ts';
import { fileLog } from '../../../src/balancers/embedded/log.ts';
import { pathsIn } from '../../../src/balancers/embedded/paths.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { calmCall } from '../../support/call.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';
import type { WebMember } from '../../support/web-member.ts';
import { type EmbeddedRig, embeddedRig } from './rig.ts';

const call = calmCall();
const entry = fileURLToPath(new URL('../../../dist/balancers/embedded/main.js', import.meta.url));
let rig: EmbeddedRig;
beforeEach(async () => {
  rig = await embeddedRig();
});
afterEach(() => rig.close());

async function serving(): Promise<{ frontend: Frontend; member: WebMember }> {
  const frontend = await rig.frontend();
  const member = await rig.member();
  await rig.balancer.attach(frontend, member.instance, { path: '/health' }, 7, call);
  await until(
    'it is healthy',
    async () => (await rig.balancer.members(frontend, call)).members[0]?.health === 'healthy',
  );
  await rig.balancer.shift(frontend, { [member.instance.id]: 100 }, 7, call);
  return { frontend, member };
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a balancer that was killed comes back with the same members, weights and epoch, and serves at once', async () => {
  const { frontend, member } = await serving();
  const before = await rig.balancer.members(frontend, call);
  const killed = (await rig.balancer.pid()) ?? 0;
  process.kill(killed, 'SIGKILL');
  await until('it is gone', async () => (await rig.balancer.pid()) === undefined);

  // Nobody knows yet whether the member is healthy: it gets traffic all the same.
  member.healthy = false;
  await rig.balancer.ensure();
  expect((await rig.get(frontend.port, '/')).text).toBe(member.instance.id);
  member.healthy = true;
  expect(await rig.balancer.pid()).not.toBe(killed);
  const after = await rig.balancer.members(frontend, call);
  expect(after.epoch).toBe(before.epoch);
  expect(after.members[0]).toMatchObject({ instance: member.instance.id, weight: 100, draining: false });
  await expect(rig.balancer.detach(frontend, 'x', 6, call)).rejects.toMatchObject({ fault: 'fenced' });
});

test('two adapters and a second process share one balancer', async () => {
  const other = embeddedBalancer({ dataDir: rig.dataDir, checkEvery: 50 });
  await Promise.all([rig.balancer.ensure(), other.ensure(), rig.balancer.ensure()]);
  const pid = await rig.balancer.pid();
  expect(await other.pid()).toBe(pid);

  const { socket } = pathsIn(rig.dataDir);
  const second = spawn(process.execPath, [entry, rig.dataDir, socket, '127.0.0.1', '50'], {
    stdio: 'ignore',
  });
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
  expect(await rig.balancer.pid()).toBe(pid);
});

test('the control socket is open to its user only', async () => {
  await rig.balancer.ensure();
  const { socket, folder } = pathsIn(rig.dataDir);
  for (const path of [socket, folder]) expect(statSync(path).mode & 0o077, path).toBe(0);
});

test('a port that is taken is a fault with the port in its sentence, and changes nothing', async () => {
  const frontend = await rig.frontend();
  const { instance } = await rig.instance();
  const taker = createServer();
  await new Promise<void>((resolve) => taker.listen(frontend.port, '127.0.0.1', resolve));
  await expect(rig.balancer.attach(frontend, instance, { path: '/' }, 1, call)).rejects.toMatchObject({
    fault: 'port in use',
    message: expect.stringContaining(`Port ${frontend.port} `),
  });
  expect(await rig.balancer.members(frontend, call)).toMatchObject({ epoch: 0, members: [] });
  await new Promise((resolve) => taker.close(resolve));
  await rig.balancer.attach(frontend, instance, { path: '/health' }, 1, call);
});

test('SIGTERM lets a request in flight end and then ends the balancer', async () => {
  const { frontend } = await serving();
  const pid = (await rig.balancer.pid()) ?? 0;
  const held = await rig.begin(frontend);
  process.kill(pid, 'SIGTERM');
  await until('no new connection is taken', () =>
    rig.get(frontend.port, '/').then(
      () => false,
      () => true,
    ),
  );
  expect(runs(pid)).toBe(true);
  await held.finish();
  await until('it ended', () => !runs(pid));
  expect(existsSync(pathsIn(rig.dataDir).socket)).toBe(false);
});

test('a balancer whose data directory is removed ends', async () => {
  await rig.balancer.ensure();
  const pid = (await rig.balancer.pid()) ?? 0;
  rmSync(rig.dataDir, { recursive: true });
  await until('it ended', () => !runs(pid));
});

test('a data directory with a long path gets a short socket of its own', async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'bakery-')), 'a-long-name-'.repeat(9));
  mkdirSync(dataDir, { recursive: true });
  const balancer = embeddedBalancer({ dataDir });
  const { socket } = pathsIn(dataDir);
  await balancer.ensure();
  expect(Buffer.byteLength(socket)).toBeLessThan(100);
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  await balancer.stop();
  expect(await balancer.pid()).toBeUndefined();
  rmSync(dirname(dataDir), { recursive: true });
  rmSync(dirname(socket), { recursive: true });
});

test.runIf(process.platform === 'linux')('the balancer stays small under requests', async () => {
  const { frontend } = await serving();
  const pid = await rig.balancer.pid();
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  const atRest = resident();
  for (let i = 0; i < 30; i += 1)
    await Promise.all(Array.from({ length: 20 }, () => rig.get(frontend.port, '/')));
  console.info(
    `resident memory: ${atRest.toFixed(1)} MB at rest, ${resident().toFixed(1)} MB under requests`,
  );
  expect(atRest).toBeLessThan(60);
  expect(resident()).toBeLessThan(80);
});

test('the log is JSON lines and never grows beyond twice its limit', () => {
  const file = join(tempFolder(), 'balancer.log');
  const log = fileLog(file, 1000);
  for (let i = 0; i < 100; i += 1) log('a member changed its health', { i });
  expect(statSync(file).size).toBeLessThanOrEqual(1000);
  expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(1000);
  const last: unknown = JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ message: 'a member changed its health', i: 99 });
});
