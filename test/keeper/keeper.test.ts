import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keeperCommands } from '../../src/keeper/keeper.ts';
import type { CommandOrder } from '../../src/pipeline/commands.ts';
import { isRunning } from '../support/is-running.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const commands = keeperCommands();
const order = (over: Partial<CommandOrder>): CommandOrder => ({
  argv: ['true'],
  cwd: tempFolder(),
  env: {},
  timeout: 10_000,
  signal: new AbortController().signal,
  onLine: () => {},
  ...over,
});
const node = (script: string): string[] => ['node', '-e', script];
const pidIn = (file: string): Promise<number> =>
  until('the command has written its pid', () => existsSync(file) && Number(readFileSync(file, 'utf8')));

/** A parent and a child that write their pids to `parent` and `child` in the cwd and go on for ever. */
const familyThat = (onSigterm: string): string => `
  ${onSigterm}
  const { spawn } = require('node:child_process'); const { writeFileSync } = require('node:fs');
  const child = ${JSON.stringify(onSigterm)} + "setInterval(() => {}, 1000); require('fs').writeFileSync('child', String(process.pid))";
  spawn(process.execPath, ['-e', child], { stdio: 'ignore' });
  setInterval(() => {}, 1000); writeFileSync('parent', String(process.pid));`;
const deafFamily = familyThat("process.on('SIGTERM', () => {});");
const politeFamily = familyThat('');

test('a command reports its exit code and hands out its lines in order', async () => {
  const lines: string[] = [];
  const end = await commands.run(
    order({
      argv: node("console.log('one\\ntwo'); process.exitCode = 3"),
      onLine: (line) => lines.push(line),
    }),
  );
  expect(end).toEqual({ exit: 3, lastLines: ['one', 'two'] });
  expect(lines).toEqual(['one', 'two']);
});

test('stderr is read as well, colours are stripped, a last line without newline counts', async () => {
  const end = await commands.run(order({ argv: node("process.stderr.write('\\u001b[31mred\\u001b[0m')") }));
  expect(end).toEqual({ exit: 0, lastLines: ['red'] });
});

test('a line is cut at 2,000 characters and only the last 40 lines are kept', async () => {
  const long = await commands.run(order({ argv: node("process.stdout.write('x'.repeat(300_000))") }));
  expect(long.lastLines.map((line) => line.length)).toEqual([2000]);
  const many = await commands.run(order({ argv: node('for (let i = 0; i < 100; i++) console.log(i)') }));
  expect(many.lastLines).toHaveLength(40);
  expect(many.lastLines.at(-1)).toBe('99');
});

test('the command sees the given environment and four names more, nothing of the worker', async () => {
  const argv = node('console.log(Object.keys(process.env).sort().join())');
  const end = await commands.run(order({ argv, env: { GREETING: 'hi' } }));
  expect(end.lastLines).toEqual(['GREETING,HOME,LANG,PATH,TMPDIR']);
});

test('an argument reaches the command as it is, no shell reads it', async () => {
  const argv = [...node('console.log(process.argv[1])'), '$(touch hacked); "x" *'];
  expect((await commands.run(order({ argv }))).lastLines).toEqual(['$(touch hacked); "x" *']);
});

test('a program that is not there is not started, and says so', async () => {
  expect(await commands.run(order({ argv: ['no-such-program'] }))).toMatchObject({
    notStarted: expect.stringContaining('ENOENT'),
  });
});

test('a command that takes too long is ended with its whole group, by force after two seconds', async () => {
  const cwd = tempFolder();
  const end = await commands.run(order({ argv: node(deafFamily), cwd, timeout: 700 }));
  expect(end).toEqual({ killed: 'timeout', lastLines: [] });
  const family = [await pidIn(join(cwd, 'parent')), await pidIn(join(cwd, 'child'))];
  await until('the command and its child are gone', () => family.every((pid) => !isRunning(pid)));
});

test('an aborted command is ended', async () => {
  const cwd = tempFolder();
  const controller = new AbortController();
  const argv = node(
    "require('fs').writeFileSync('parent', String(process.pid)); setInterval(() => {}, 1000)",
  );
  const running = commands.run(order({ argv, cwd, signal: controller.signal }));
  const pid = await pidIn(join(cwd, 'parent'));
  controller.abort();
  expect(await running).toEqual({ killed: 'aborted', lastLines: [] });
  expect(isRunning(pid)).toBe(false);
});

test('what a command leaves running in the background ends with it', async () => {
  const cwd = tempFolder();
  const leave = `
    const child = require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' });
    require('fs').writeFileSync('child', String(child.pid)); process.exit(0);`;
  expect(await commands.run(order({ argv: node(leave), cwd }))).toEqual({ exit: 0, lastLines: [] });
  const child = await pidIn(join(cwd, 'child'));
  await until('the background process is gone', () => !isRunning(child));
});

test('a worker killed with -9 takes the whole group of its command with it', async () => {
  const cwd = tempFolder();
  const built = fileURLToPath(new URL('../../dist/keeper/keeper.js', import.meta.url));
  const work = `
    const { keeperCommands } = await import(${JSON.stringify(built)});
    await keeperCommands().run({ argv: ['node', '-e', ${JSON.stringify(politeFamily)}], cwd: ${JSON.stringify(cwd)},
      env: {}, timeout: 60000, signal: new AbortController().signal, onLine() {} });`;
  const worker = spawn(process.execPath, ['--input-type=module', '-e', work], { stdio: 'ignore' });
  const family = [await pidIn(join(cwd, 'parent')), await pidIn(join(cwd, 'child'))];
  worker.kill('SIGKILL');
  await until('the command and its child are gone', () => family.every((pid) => !isRunning(pid)));
});

test('a keeper that is killed itself takes its command with it', async () => {
  const cwd = tempFolder();
  const argv = node(
    "require('fs').writeFileSync('parent', String(process.pid)); setInterval(() => {}, 1000)",
  );
  const running = commands.run(order({ argv, cwd }));
  const pid = await pidIn(join(cwd, 'parent'));
  const keeper = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  process.kill(keeper, 'SIGKILL');
  expect(await running).toMatchObject({ notStarted: expect.stringContaining('keeper') });
  await until('the command is gone', () => !isRunning(pid));
});
