import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { doesNotCompile, failsUnderLoad, needsLocalPackage, versionText } from '../../src/demo/variants.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const example = fileURLToPath(new URL('../../examples/hello/', import.meta.url));

/** A copy of the example with its server changed. */
const changed = (change: (server: string) => string): string => {
  const folder = tempFolder();
  cpSync(example, folder, { recursive: true });
  writeFileSync(join(folder, 'server.js'), change(readFileSync(join(folder, 'server.js'), 'utf8')));
  return folder;
};
const runs = (folder: string, ...argv: string[]): Promise<boolean> =>
  new Promise((resolve) =>
    execFile(process.execPath, argv, { cwd: folder }, (error) => resolve(error === null)),
  );
const unitTests = ['--test', 'test/unit/greet.test.js', 'test/unit/visits.test.js'];

const serve = async (folder: string): Promise<string> => {
  const child: ChildProcess = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: { PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('the server has no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return `http://127.0.0.1:${/(\d+)$/.exec(line)?.[1]}`;
};
const status = async (url: string): Promise<number> => (await fetch(url)).status;

test('the version that the service reports is the text of its file', async () => {
  const folder = changed((server) => server);
  writeFileSync(join(folder, 'version.txt'), versionText('v2'));
  expect(await (await fetch(await serve(folder))).json()).toMatchObject({ version: 'v2', greeting: 'Hello' });
});

test('the variant that does not compile fails at the compile step', async () => {
  expect(
    await runs(
      changed((server) => server),
      'scripts/check.js',
    ),
  ).toBe(true);
  expect(await runs(changed(doesNotCompile), 'scripts/check.js')).toBe(false);
});

test('the variant with a local package passes its build and fails the functional suite', async () => {
  const folder = changed(needsLocalPackage);
  expect(await runs(folder, 'scripts/check.js')).toBe(true);
  expect(await runs(folder, ...unitTests)).toBe(true);
  const address = await serve(folder);
  expect([await status(`${address}/healthz`), await status(`${address}/greet?name=baker`)]).toEqual([
    200, 500,
  ]);
});

test('the variant that fails under load is well at first, unwell after load, and answers all the same', async () => {
  const address = await serve(changed(failsUnderLoad));
  for (let request = 0; request < 60; request++) expect(await status(address)).toBe(200);
  expect(await status(`${address}/healthz`)).toBe(200);
  await until('it is unwell', async () => (await status(`${address}/healthz`)) === 503);
  expect(await status(address)).toBe(200);
});
