import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { list, type ReadEntry } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { keeperCommands } from '../../../src/keeper/keeper.ts';
import { build } from '../../../src/pipeline/tasks/build.ts';
import type { TaskTools } from '../../../src/pipeline/tasks/contract.ts';
import type { BuilderSettings } from '../../../src/providers/docker/builds/builder-settings.ts';
import { dockerBuilder } from '../../../src/providers/docker/builds/index.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { rigServer } from '../../support/rig.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';
import { address, base, engineUrl, markFor, settings } from './docker-world.ts';

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', engineUrl(), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const builds = (over: Partial<BuilderSettings> = {}) =>
  dockerBuilder(
    {
      engine: { url: engineUrl(), address: address() },
      images: ['node:*'],
      limits: { memory: 256 * 1024 ** 2, cpus: 1, pids: 64 },
      network: 'bakery-rig-build',
      only: false,
      now: Date.now,
      ...over,
    },
    keeperCommands(),
  );

const js = (code: string): string => `[node, -e, ${JSON.stringify(code)}]`;

/** A service file whose build runs this code in the rig's image. */
const serviceFile = (
  compile: string,
  over: { timeout?: string; image?: string; pack?: string } = {},
): string => `
build:
  image: ${over.image ?? base()}
  compile: { run: ${js(compile)}, timeout: ${over.timeout ?? '20s'} }
  package: { run: ${js(over.pack ?? "fs.writeFileSync('made.bin', process.env.SOURCE_DATE_EPOCH)")}, timeout: 20s, file: made.bin }
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;

/** What is left of a build on the engine; none once it is over. */
const leftOf = (owner: string): string[] => [
  ...docker('ps', '--all', '--quiet', '--filter', `label=bakery.owner=${owner}`).split('\n').filter(Boolean),
  ...docker('volume', 'ls', '--quiet', '--filter', `label=bakery.owner=${owner}`).split('\n').filter(Boolean),
];

/** One commit, built in containers. */
const world = (files: Record<string, string>, over: Partial<BuilderSettings> = {}) => {
  const repository = gitRepository();
  const sha = repository.commit(files);
  const mark = markFor('build');
  const tools = (more: Partial<TaskTools> = {}) => taskTools(undefined, { builder: builds(over), ...more });
  const input = { repository: repository.path, folder: '', sha, service: mark.service, version: 1, mark };
  onTestFinished(() => expect(leftOf(mark.owner)).toEqual([]));
  return { repository, mark, tools, input };
};

/** Builds it, and gives what came of it with its log. */
const buildOf = async (text: string, over: Partial<BuilderSettings> = {}) => {
  const { tools, input } = world({ 'bakery.yaml': text }, over);
  const own = tools();
  const { call, lines } = taskCall();
  const outcome = await build.run(input, own, call);
  expect(readdirSync(own.scratch)).toEqual([]);
  return { outcome, lines, tools: own };
};

test('commands run in the builder image, not as root, with nothing of Bakery around them', async () => {
  const compile = [
    'console.log(JSON.stringify({',
    'uid: process.getuid(), groups: process.getgroups(), cwd: process.cwd(), env: Object.keys(process.env).sort(),',
    "caps: fs.readFileSync('/proc/self/status', 'utf8').match(/CapEff:\\s*(\\w+)/)[1],",
    "gains: fs.readFileSync('/proc/self/status', 'utf8').match(/NoNewPrivs:\\s*(\\d)/)[1],",
    "sockets: ['/var/run/docker.sock', '/run/docker.sock'].filter((one) => fs.existsSync(one)),",
    "mounts: fs.readFileSync('/proc/self/mounts', 'utf8').split('\\n').map((line) => line.split(' ')[1]).filter((at) => /^\\/(build|cache|home|root|var)/.test(at ?? '')),",
    '}))',
  ].join('');
  process.env.A_SECRET_OF_THE_WORKER = 'hidden';
  onTestFinished(() => void delete process.env.A_SECRET_OF_THE_WORKER);
  const { outcome, lines } = await buildOf(serviceFile(compile));
  if (outcome.is !== 'done') throw new Error(JSON.stringify([outcome, lines]));
  const seen = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}');
  expect(seen).toMatchObject({
    uid: 10_001,
    groups: [10_001],
    cwd: '/build/checkout',
    gains: '1',
    sockets: [],
  });
  expect(BigInt(`0x${seen.caps}`)).toBe(0n);
  expect(seen.mounts.toSorted()).toEqual(['/build', '/cache']);
  expect(seen.env.join()).not.toMatch(/SECRET|DOCKER|BAKERY|SLACK|TOKEN/);
  expect(seen.env).toContain('SOURCE_DATE_EPOCH');
});

test('the same commit gives the same package in containers, whatever else the worker did', async () => {
  const pack = "require('child_process').execFileSync('tar', ['-cf', 'made.bin', 'src', 'bakery.yaml'])";
  const files = { 'bakery.yaml': serviceFile('0', { pack }), 'src/a.js': '1', 'src/deep/b.js': '2' };
  const { tools, input } = world(files);
  const first = await build.run(input, tools(), taskCall().call);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const second = await build.run(input, tools(), taskCall().call);
  if (first.is !== 'done' || second.is !== 'done') throw new Error(JSON.stringify([first, second]));
  expect(second.result.package).toEqual(first.result.package);
});

test('a cache is kept from build to build of one service, and nothing else is', async () => {
  const compile =
    "const old = fs.existsSync('/cache/service/kept'); console.log('cached', old, 'home', fs.readdirSync(process.env.HOME).length); fs.writeFileSync('/cache/service/kept', ''); fs.writeFileSync(process.env.HOME + '/x', '')";
  const { mark, tools, input } = world({ 'bakery.yaml': serviceFile(compile) });
  const logOf = async (service: string) => {
    const { call, lines } = taskCall();
    await build.run({ ...input, service, mark: { ...mark, service } }, tools(), call);
    return lines.find((line) => line.startsWith('cached'));
  };
  expect(await logOf('hello')).toBe('cached false home 0');
  expect(await logOf('hello')).toBe('cached true home 0');
  expect(await logOf('other')).toBe('cached false home 0');
});

test('a build without a package command packs the folder that its commands left', async () => {
  const text = `
build: { image: ${base()}, compile: { run: ${js("fs.mkdirSync('out'); fs.writeFileSync('out/made.js', '1'); fs.symlinkSync('/usr/local/bin/node', 'out/node'); fs.writeFileSync('no.log', '')")} } }
image: { dockerfile: Dockerfile }
health: { path: /healthz }
`;
  const { tools, input } = world({
    'bakery.yaml': text,
    Dockerfile: 'FROM scratch\n',
    '.dockerignore': '*.log\n',
  });
  const own = tools();
  const outcome = await build.run(input, own, taskCall().call);
  if (outcome.is !== 'done') throw new Error(JSON.stringify(outcome));
  const file = join(tempFolder(), 'context.tar');
  await own.store.fetch(outcome.result.package.digest, file);
  const found: Record<string, string | undefined> = {};
  const onReadEntry = ({ path, linkpath }: ReadEntry): void => {
    found[path] = linkpath;
  };
  await list({ file, onReadEntry });
  expect(Object.keys(found)).toEqual([
    '.dockerignore',
    'Dockerfile',
    'bakery.yaml',
    'out/made.js',
    'out/node',
  ]);
  expect(found['out/node']).toBe('/usr/local/bin/node');
});

test('a secret is there for the build in containers, and in nothing that it leaves', async () => {
  const secret = 'npm_2718281828459045';
  const { tools, input } = world({
    'bakery.yaml': serviceFile(
      "console.log('length', process.env.NPM_TOKEN.length, process.env.HOME !== 'x')",
      {
        pack: "fs.writeFileSync('made.bin', process.env.LEAK ? process.env.NPM_TOKEN : 'x')",
      },
    ),
  });
  const own = tools({ secret: async () => secret });
  const { call, lines } = taskCall();
  const secrets = { NPM_TOKEN: 'env:T', HOME: 'env:T' };
  expect(await build.run({ ...input, secrets }, own, call)).toMatchObject({ is: 'done' });
  expect(lines).toContain(`length ${secret.length} true`);
  const leaks = await build.run({ ...input, secrets: { ...secrets, LEAK: 'env:T' } }, own, call);
  expect(leaks).toMatchObject({ is: 'failed', failure: { fault: 'command failed' } });
  expect(docker('ps', '--all', '--no-trunc', '--format', '{{.Command}}')).not.toContain(secret);
});

test('a command that fails says so with its exit code and last lines', async () => {
  const { outcome } = await buildOf(serviceFile("console.error('no such type'); process.exit(3)"));
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'command failed' } });
  if (outcome.is !== 'failed') return;
  expect(outcome.failure.sentence).toContain('exit code 3');
  expect(outcome.failure.lines?.join()).toContain('no such type');
});

test('a command that is not in the image is told by its name and exit code', async () => {
  const text = serviceFile('0').replace('[node, -e, "0"]', '[no-such-compiler]');
  const { outcome } = await buildOf(text);
  if (outcome.is !== 'failed') throw new Error(outcome.is);
  expect(outcome.failure.sentence).toContain('exit code 127');
  expect(outcome.failure.sentence).toContain('no-such-compiler');
});

test('a build that eats its memory is ended alone, and its log says why', async () => {
  const { outcome } = await buildOf(
    serviceFile('const kept = []; for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1))'),
  );
  if (outcome.is !== 'failed') throw new Error(outcome.is);
  expect(outcome.failure.lines?.join()).toContain('more than its 256 MB of memory');
});

test('a build may not start more processes than its limit', async () => {
  const compile =
    "const { spawn } = require('child_process'); let refused = 0; const kept = []; for (let i = 0; i < 80; i++) { const one = spawn('sleep', ['5']); one.on('error', () => refused++); kept.push(one); } setTimeout(() => { console.log('refused', refused > 0); for (const one of kept) one.kill(); process.exit(0); }, 1000)";
  const { lines } = await buildOf(serviceFile(compile));
  expect(lines).toContain('refused true');
});

test('a build that takes too long is killed with its container, and nothing is left', async () => {
  const { outcome } = await buildOf(
    serviceFile("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", { timeout: '1s' }),
  );
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'timeout' } });
});

test('a build that is cancelled in the middle is killed with its container, and nothing is left', async () => {
  const { tools, input } = world({
    'bakery.yaml': serviceFile("console.log('here'); setInterval(() => {}, 1000)"),
  });
  const cancel = new AbortController();
  const { call } = taskCall({
    signal: cancel.signal,
    log: (line) => {
      if (line === 'here') cancel.abort();
    },
  });
  await expect(
    build
      .run(input, tools(), call)
      .then((outcome) => (outcome.is === 'failed' ? outcome.failure.fault : outcome.is)),
  ).resolves.toBe('aborted');
});

test('an image that the operators do not allow builds nothing', async () => {
  const { outcome } = await buildOf(serviceFile('0'), { images: ['golang:1.24', 'node:22-*'] });
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'denied' } });
  if (outcome.is !== 'failed') return;
  expect(outcome.failure.sentence).toContain('worker.builds.images');
});

test('an image that is nowhere is the fault "unknown image" or "unreachable", and builds nothing', async () => {
  const { outcome } = await buildOf(serviceFile('0', { image: '127.0.0.1:9/no/such:1' }), { images: ['*'] });
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'unreachable' } });
});

test('a build outside of a builder image is refused where operators want none on the worker', async () => {
  const text = serviceFile('0').replace(/ {2}image:.*\n/, '');
  const { outcome } = await buildOf(text, { only: true });
  if (outcome.is !== 'failed') throw new Error(outcome.is);
  expect(outcome.failure.fault).toBe('denied');
  expect(outcome.failure.sentence).toContain('set build.image');
});

test('what the build of a killed worker left is on the list, and the reaper ends it', async () => {
  const mark = markFor('build');
  const { call } = taskCall();
  const tree = tempFolder();
  // A worker that is killed closes nothing.
  await builds().open({ image: base(), tree, folder: '', commitTime: '0', mark }, call);
  const provider = dockerProvider('docker', settings());
  const found = await provider.list(mark.owner, freeCall());
  expect(found.map(({ what }) => what)).toEqual(['builder', 'builder']);
  for (const { id } of found) await settle(() => provider.terminate(id, 0, freeCall()));
  for (const { id } of found) await settle(() => provider.terminate(id, 0, freeCall()));
  expect(await provider.list(mark.owner, freeCall())).toEqual([]);
  expect(leftOf(mark.owner)).toEqual([]);
});

test('what a killed build left is swept by the next build, once it is surely over', async () => {
  const { mark, tools, input } = world(
    { 'bakery.yaml': serviceFile('0') },
    { now: () => Date.now() + 2 * 3_600_000 },
  );
  await builds().open(
    { image: base(), tree: tempFolder(), folder: '', commitTime: '0', mark },
    taskCall().call,
  );
  expect(leftOf(mark.owner)).toHaveLength(2);
  expect((await build.run(input, tools(), taskCall().call)).is).toBe('done');
});

test('a worker that is killed takes the container of its build with it', async () => {
  const mark = markFor('build');
  const dist = pathToFileURL(join(import.meta.dirname, '../../../dist/')).href;
  const order = { image: base(), tree: tempFolder(), folder: '', commitTime: '0', mark };
  const at = { url: engineUrl(), address: address() };
  const worker = `
    const { dockerBuilder } = await import('${dist}providers/docker/builds/index.js');
    const { keeperCommands } = await import('${dist}keeper/keeper.js');
    const limits = { memory: 2 ** 28, cpus: 1, pids: 64 };
    const settings = { engine: ${JSON.stringify(at)}, images: ['*'], limits, network: 'bakery-rig-build', only: false, now: Date.now };
    const signal = new AbortController().signal;
    const call = { signal, ensureTime() {}, log() {} };
    const room = await dockerBuilder(settings, keeperCommands()).open(${JSON.stringify(order)}, call);
    const argv = ['node', '-e', "console.log('here'); setInterval(() => {}, 1000)"];
    await room.run({ argv, cwd: room.folder, env: room.env, timeout: 60000, signal, onLine: (line) => console.log(line) });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', worker], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const running = () => docker('ps', '--quiet', '--filter', `label=bakery.owner=${mark.owner}`).trim();
  expect(running()).not.toBe('');
  child.kill('SIGKILL');
  await until('the container is gone', () => running() === '');
  const provider = dockerProvider('docker', settings());
  for (let round = 0; round < 2; round++)
    for (const { id } of await provider.list(mark.owner, freeCall()))
      await provider.terminate(id, 0, freeCall());
  expect(leftOf(mark.owner)).toEqual([]);
});

test('a build goes on over a restart of its engine, and ends well', async () => {
  // An engine counts a container as running a moment after it began: only then live-restore spares it.
  const compile =
    "setTimeout(() => console.log('here'), 1000); setTimeout(() => fs.writeFileSync('late', 'done'), 6000)";
  const pack = "fs.copyFileSync('late', 'made.bin')";
  const { tools, input } = world({ 'bakery.yaml': serviceFile(compile, { pack, timeout: '60s' }) });
  let restarted: Promise<void> | undefined;
  const { call } = taskCall({
    log: (line) => {
      if (line === 'here') restarted ??= rigServer.stop().then(() => rigServer.start());
    },
  });
  const outcome = await build.run(input, tools(), call);
  await restarted;
  if (outcome.is !== 'done') throw new Error(JSON.stringify(outcome));
  expect(outcome.result.package.size).toBe(4);
});
