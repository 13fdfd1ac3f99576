import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { services } from '../../support/bakery-services.ts';
import { isRunning } from '../../support/is-running.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';

const mark: Mark = {
  owner: 'us',
  service: 'hello',
  version: 3,
  environment: 'staging',
  effect: 'launch-1',
  generation: 1,
  epoch: 0,
};

const mine = {
  'env.js': `console.log(JSON.stringify(process.env)); ${services['serve.js']}`,
  'family.js': `
    const { spawn } = require('child_process');
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    console.log('child ' + child.pid); ${services['serve.js']}`,
  'unlucky.js': `
    const fs = require('fs'); const file = process.env.TMPDIR + '/tries';
    const tries = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
    fs.writeFileSync(file, String(tries + 1));
    if (tries < Number(process.env.UNLUCKY)) { console.error('listen EADDRINUSE ' + process.env.PORT); process.exit(1); }
    ${services['serve.js']}`,
  'chatty.js': `
    const line = 'x'.repeat(1023); for (let i = 0; i < 9000; i++) console.log(line);
    console.log('the end'); ${services['serve.js']}`,
};

/** A root with one baked image, whose instances all end with the test. */
const machine = async (now: () => number = Date.now) => {
  const root = tempFolder();
  const provider: Provider = localProvider({ root, keep: async () => {}, now });
  const made = await tarOf(tempFolder(), { ...services, ...mine });
  const recipe = { base: '', packages: [], start: ['node', 'serve.js'] };
  const order = {
    ...made,
    recipe,
    files: new Map(),
    sha: 'a'.repeat(40),
    mark: { ...mark, effect: 'bake-1' },
  };
  const image = await settle(() => provider.bake(order, freeCall()));
  const end = async (): Promise<void> => {
    for (const { what, id } of await provider.list('us', freeCall())) {
      if (what === 'instance') await settle(() => provider.terminate(id, 0, freeCall()));
    }
  };
  onTestFinished(end);
  const launchOrder = (file: string, environment: Record<string, string> = {}): LaunchOrder => ({
    image,
    spec: { start: ['node', file], health: { path: '/', within: 10_000 }, grace: 500, settings: {} },
    environment,
    mark,
  });
  const launch = (ordered: LaunchOrder): Promise<Instance> =>
    settle(() => provider.launch(ordered, freeCall()));
  const recordFile = ({ id }: Instance): string => join(root, 'instances', id, 'record.json');
  const recordOf = (instance: Instance) => JSON.parse(readFileSync(recordFile(instance), 'utf8'));
  return { root, provider, image, launchOrder, launch, recordFile, recordOf, end };
};

const inspect = (provider: Provider, instance: Instance) =>
  provider.inspect(instance, { path: '/' }, freeCall());

test('an instance sees its settings and six names more, nothing of the worker', async () => {
  const { launch, launchOrder, provider, recordOf } = await machine();
  const instance = await launch(launchOrder('env.js', { GREETING: 'Hello' }));
  const [line = '{}'] = await provider.logs(instance, 3, freeCall());
  const seen = JSON.parse(line);
  expect(Object.keys(seen).sort()).toEqual(
    ['BAKERY_INSTANCE', 'BAKERY_MARK', 'GREETING', 'HOST', 'PATH', 'PORT', 'TMPDIR'].sort(),
  );
  expect(instance.address).toBe(`http://127.0.0.1:${seen.PORT}`);
  expect(recordOf(instance).process.pid).toBeGreaterThan(1);
});

test('a start whose record was lost to kill -9 is found by its key, not made again', async () => {
  const { launch, launchOrder, recordOf, recordFile } = await machine();
  const instance = await launch(launchOrder('serve.js'));
  const { process: started, ...intent } = recordOf(instance);
  writeFileSync(recordFile(instance), JSON.stringify(intent));
  expect(await launch(launchOrder('serve.js'))).toEqual(instance);
  expect(recordOf(instance).process).toEqual(started);
});

test('an instance whose whole folder was lost is still listed, inspected and ended', async () => {
  const { launch, launchOrder, provider, root, recordOf } = await machine();
  const instance = await launch(launchOrder('serve.js'));
  const { pid } = recordOf(instance).process;
  rmSync(join(root, 'instances', instance.id), { recursive: true });
  const listed = (await provider.list('us', freeCall())).filter(({ what }) => what === 'instance');
  expect(listed).toEqual([{ what: 'instance', id: instance.id, mark, instance }]);
  expect(await inspect(provider, instance)).toEqual({ state: 'running', healthy: true });
  expect(await launch(launchOrder('serve.js'))).toEqual(instance);
  await settle(() => provider.terminate(instance.id, 1_000, freeCall()));
  expect(isRunning(pid)).toBe(false);
});

test('two worker processes that launch the same mark at once end with one process', async () => {
  const { root, launchOrder, provider, recordOf } = await machine();
  const built = fileURLToPath(new URL('../../../dist/providers/local/index.js', import.meta.url));
  const work = `
    const { localProvider } = await import(${JSON.stringify(built)});
    const provider = localProvider({ root: ${JSON.stringify(root)}, keep: async () => {}, now: Date.now });
    const call = { signal: new AbortController().signal, ensureTime() {}, log() {} };
    for (;;) {
      const reply = await provider.launch(${JSON.stringify(launchOrder('serve.js'))}, call);
      if (reply.ready) { console.log(JSON.stringify(reply.value)); break; }
      await new Promise((resolve) => setTimeout(resolve, reply.again));
    }`;
  const workers = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '-e', work]));
  const said = await Promise.all(
    workers.map(async (worker) => JSON.parse(await text(worker.stdout)) as Instance),
  );
  expect(new Set(said.map(({ id, address }) => `${id} ${address}`)).size).toBe(1);
  const [instance] = said;
  if (instance === undefined) throw new Error('nobody launched');
  const folder = join(root, 'instances', instance.id);
  const carriers = readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`BAKERY_INSTANCE=${folder}\0`);
    } catch {
      return false;
    }
  });
  expect(carriers.map(Number)).toEqual([recordOf(instance).process.pid]);
  expect(await inspect(provider, instance)).toEqual({ state: 'running', healthy: true });
});

test('an instance outlives the worker that started it', async () => {
  const { root, launchOrder, provider } = await machine();
  const built = fileURLToPath(new URL('../../../dist/providers/local/index.js', import.meta.url));
  const work = `
    const { localProvider } = await import(${JSON.stringify(built)});
    const call = { signal: new AbortController().signal, ensureTime() {}, log() {} };
    await localProvider({ root: ${JSON.stringify(root)}, keep: async () => {}, now: Date.now }).launch(${JSON.stringify(launchOrder('serve.js'))}, call);
    process.kill(process.pid, 'SIGKILL');`;
  await once(spawn(process.execPath, ['--input-type=module', '-e', work]), 'exit');
  const [marked] = (await provider.list('us', freeCall())).filter(({ what }) => what === 'instance');
  const instance = marked?.instance;
  if (instance === undefined) throw new Error('it was not listed');
  await until('it is healthy', async () => (await inspect(provider, instance)).healthy);
});

test('terminate ends also what an instance moved into another session', async () => {
  const { launch, launchOrder, provider } = await machine();
  const instance = await launch(launchOrder('family.js'));
  const [line = ''] = await provider.logs(instance, 3, freeCall());
  const child = Number(line.replace('child ', ''));
  expect(isRunning(child)).toBe(true);
  await settle(() => provider.terminate(instance.id, 100, freeCall()));
  expect(isRunning(child)).toBe(false);
});

test('a port that was taken meanwhile is replaced by another one', async () => {
  const { launch, launchOrder, recordOf } = await machine();
  const instance = await launch(launchOrder('unlucky.js', { UNLUCKY: '2' }));
  expect(recordOf(instance).tries).toBe(3);
});

test('after five taken ports it is the fault "port in use"', async () => {
  const { launch, launchOrder } = await machine();
  await expect(launch(launchOrder('unlucky.js', { UNLUCKY: '99' }))).rejects.toMatchObject({
    fault: 'port in use',
  });
});

test('after a reboot an instance is gone, and its launch starts it again', async () => {
  const { launch, launchOrder, provider, recordOf, recordFile, end } = await machine();
  const instance = await launch(launchOrder('serve.js'));
  const record = recordOf(instance);
  await end();
  const boot = '00000000-0000-0000-0000-000000000000';
  const { stopping: _stopping, endedAt: _endedAt, ...alive } = { ...record, boot };
  writeFileSync(recordFile(instance), JSON.stringify({ ...alive, process: { ...record.process, boot } }));
  expect((await inspect(provider, instance)).state).toBe('gone');
  const again = await launch(launchOrder('serve.js'));
  expect(again.id).toBe(instance.id);
  expect(await inspect(provider, again)).toEqual({ state: 'running', healthy: true });
});

test('a process that took the pid of a dead instance is never signalled', async () => {
  const { launch, launchOrder, provider, recordOf, recordFile } = await machine();
  const instance = await launch(launchOrder('serve.js'));
  const record = recordOf(instance);
  process.kill(record.process.pid, 'SIGKILL');
  const stranger = spawn('sleep', ['600'], { detached: true });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  const name = { ...record.process, pid: stranger.pid };
  writeFileSync(recordFile(instance), JSON.stringify({ ...record, process: name }));
  expect((await inspect(provider, instance)).state).toBe('exited');
  await settle(() => provider.terminate(instance.id, 0, freeCall()));
  expect(isRunning(stranger.pid ?? 0)).toBe(true);
});

test('an instance that ended by itself is not started again by its own launch', async () => {
  const { launch, launchOrder, provider, recordOf } = await machine();
  const instance = await launch(launchOrder('serve.js'));
  process.kill(recordOf(instance).process.pid, 'SIGKILL');
  await until('it has ended', async () => (await inspect(provider, instance)).state === 'exited');
  await expect(launch(launchOrder('serve.js'))).rejects.toMatchObject({ fault: 'exited' });
});

test('a program that is not there is the fault "exited" with the reason', async () => {
  const { launch, launchOrder } = await machine();
  const order = launchOrder('serve.js');
  const started = launch({ ...order, spec: { ...order.spec, start: ['no-such-program'] } });
  await expect(started).rejects.toMatchObject({
    fault: 'exited',
    message: expect.stringContaining('ENOENT'),
  });
});

test('the output file is cut at every look when it grew above 8 MiB', async () => {
  const { launch, launchOrder, provider, root } = await machine();
  const instance = await launch(launchOrder('chatty.js'));
  await inspect(provider, instance);
  const { size } = await import('node:fs').then(({ statSync }) =>
    statSync(join(root, 'instances', instance.id, 'log')),
  );
  expect(size).toBeLessThan(1024 * 1024);
  expect((await provider.logs(instance, 5, freeCall())).join()).toContain('the end');
});
