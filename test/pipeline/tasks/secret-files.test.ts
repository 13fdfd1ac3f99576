import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { toSettings } from '../../../src/config/settings.ts';
import { environmentOf } from '../../../src/pipeline/tasks/launch.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const mark = {
  owner: 'us',
  service: 'hello',
  version: 3,
  environment: 'staging',
  effect: 'launch.1',
  generation: 1,
  epoch: 1,
};
const written = {
  KEY: { secret: 'env:KEY', as: 'file' as const },
  TOKEN: { secret: 'env:TOKEN' },
  PLAIN: 'text',
};
const specOf = (settings: Parameters<typeof toSettings>[0]) => ({
  start: ['node', 'tell.js'],
  health: { path: '/', within: 5_000 },
  grace: 100,
  settings: toSettings(settings).values,
});
const tools = () => taskTools(undefined, { secret: async (reference) => `value of ${reference}` });

test('a secret that is to come as a file is no variable of its instance', async () => {
  const { environment, files } = await environmentOf(specOf(written), mark, tools(), {
    readsSecret: () => false,
  });
  expect(files).toEqual({ KEY: 'value of env:KEY' });
  expect(environment).toMatchObject({ TOKEN: 'value of env:TOKEN', PLAIN: 'text' });
  expect(environment.KEY).toBeUndefined();
});

test('a secret that an instance reads itself is read by no worker', async () => {
  const readsSecret = (reference: string): boolean => reference === 'env:KEY';
  const { environment, files } = await environmentOf(specOf(written), mark, tools(), { readsSecret });
  expect(files).toBeUndefined();
  expect(environment).toMatchObject({ TOKEN: 'value of env:TOKEN', PLAIN: 'text' });
});

test('settings that bring a secret as a file have another digest, and others the one that they had', () => {
  const before = toSettings({ KEY: { secret: 'env:KEY' } });
  expect(toSettings({ KEY: { secret: 'env:KEY', as: 'variable' } }).digest).toBe(before.digest);
  expect(toSettings({ KEY: { secret: 'env:KEY', as: 'file' } }).digest).not.toBe(before.digest);
});

test('a process of this machine reads its secret from a file that goes with it', async () => {
  const tell = `
    const text = require('fs').readFileSync(process.env.KEY_FILE, 'utf8');
    const told = JSON.stringify({ text, file: process.env.KEY_FILE, mode: require('fs').statSync(process.env.KEY_FILE).mode & 0o777 });
    require('http').createServer((q, s) => s.end(told)).listen(process.env.PORT, process.env.HOST);`;
  const provider = localProvider({ root: tempFolder(), keep: async () => {}, now: Date.now });
  const spec = specOf(written);
  const made = await tarOf(tempFolder(), { 'tell.js': tell });
  const recipe = { base: '', packages: [], start: spec.start };
  const order = { ...made, recipe, files: new Map<string, string>(), sha: 'a'.repeat(40), mark };
  const image = await settle(() => provider.bake(order, freeCall()));
  const told = await environmentOf(spec, mark, tools(), provider);
  const instance = await settle(() => provider.launch({ image, spec, ...told, mark }, freeCall()));
  const end = () => settle(() => provider.terminate(instance.id, 100, freeCall()));
  onTestFinished(end);
  const { text, file, mode } = JSON.parse(await (await fetch(instance.address)).text());
  expect({ text, mode }).toEqual({ text: 'value of env:KEY', mode: 0o400 });
  await end();
  expect(existsSync(file)).toBe(false);
});
