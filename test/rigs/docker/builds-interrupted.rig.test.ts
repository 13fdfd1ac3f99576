import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import { rigServer } from '../../support/rig.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { taskCall } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';
import { builds, leftOf, serviceFile, world } from './builds-world.ts';
import { address, base, docker, engineUrl, markFor, settings } from './docker-world.ts';

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
