import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { expect, test } from 'vitest';
import { doesNotCompile } from '../../../src/demo/variants.ts';
import { build as buildTask } from '../../../src/pipeline/tasks/build.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const serviceFile = (
  over: { compile?: string; pack?: string; file?: string; timeout?: string } = {},
): string => `
build:
  compile: { run: [node, -e, ${JSON.stringify(over.compile ?? '0')}], timeout: ${over.timeout ?? '20s'} }
  package: { run: [node, -e, ${JSON.stringify(over.pack ?? "fs.writeFileSync('made.bin', process.env.SOURCE_DATE_EPOCH)")}], timeout: 20s, file: ${over.file ?? 'made.bin'} }
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;

const input = (repository: string, sha: string, folder = '') => ({
  repository,
  folder,
  sha,
  service: 'hello',
  version: 1,
});

/** Builds one commit of a repository with this service file. */
const buildOf = async (text: string, over: Parameters<typeof taskCall>[0] = {}) => {
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': text });
  const tools = taskTools();
  const outcome = await buildTask.run(input(repository.path, sha), tools, taskCall(over).call);
  expect(readdirSync(tools.scratch)).toEqual([]);
  return outcome;
};

test('the example is built to a tar in the store, its output streamed, nothing left in scratch', async () => {
  const repository = gitRepository('hello');
  const sha = repository.commit({});
  const tools = taskTools();
  const { call, lines, notes } = taskCall();
  const outcome = await buildTask.run(input(repository.path, sha), tools, call);
  if (outcome.is !== 'done') throw new Error(JSON.stringify(outcome));
  expect(outcome.result.package.name).toBe('hello.tar');
  expect(outcome.result.file.suites.map(({ name }) => name)).toEqual([
    'functional',
    'integration',
    'regression',
  ]);
  const file = join(tempFolder(), 'hello.tar');
  await tools.store.fetch(outcome.result.package.digest, file);
  const paths: string[] = [];
  await list({ file, onReadEntry: ({ path }) => void paths.push(path) });
  expect(paths).toContain('server.js');
  expect(lines).toContain('ok: server.js');
  expect(notes.some((note) => note.startsWith('test: '))).toBe(true);
  expect(readdirSync(tools.scratch)).toEqual([]);
});

test('the same commit gives the same digest, from a path and from a file:// address', async () => {
  const repository = gitRepository('hello');
  const sha = repository.commit({});
  const builds = [repository.path, `file://${repository.path}`].map((address) =>
    buildTask.run(input(address, sha), taskTools(), taskCall().call),
  );
  const [first, second] = await Promise.all(builds);
  if (first?.is !== 'done' || second?.is !== 'done') throw new Error(JSON.stringify([first, second]));
  expect(second.result.package).toEqual(first.result.package);
});

test('an older commit is built as it was, in a folder of the repository', async () => {
  const repository = gitRepository();
  const pack = "fs.copyFileSync('text', 'made.bin')";
  const sha = repository.commit({ 'service/bakery.yaml': serviceFile({ pack }), 'service/text': 'old' });
  repository.commit({ 'service/text': 'new' });
  const tools = taskTools();
  const outcome = await buildTask.run(input(repository.path, sha, 'service'), tools, taskCall().call);
  if (outcome.is !== 'done') throw new Error(JSON.stringify(outcome));
  const file = join(tempFolder(), 'made');
  await tools.store.fetch(outcome.result.package.digest, file);
  expect(readFileSync(file, 'utf8')).toBe('old');
});

test('commands see a scrubbed environment and the time of the commit', async () => {
  const { call, lines } = taskCall();
  const repository = gitRepository();
  const compile = 'console.log(Object.keys(process.env).sort().join(), process.env.SOURCE_DATE_EPOCH)';
  const sha = repository.commit({ 'bakery.yaml': serviceFile({ compile }) });
  await buildTask.run(input(repository.path, sha), taskTools(), call);
  expect(lines).toContain('CI,HOME,LANG,PATH,SOURCE_DATE_EPOCH,TMPDIR,npm_config_cache 1704164645');
});

test('a service that does not compile fails with the command and its last lines', async () => {
  const repository = gitRepository('hello');
  const server = readFileSync(join(repository.path, 'server.js'), 'utf8');
  const sha = repository.commit({ 'server.js': doesNotCompile(server) });
  const outcome = await buildTask.run(input(repository.path, sha), taskTools(), taskCall().call);
  expect(outcome).toMatchObject({
    is: 'failed',
    failure: {
      fault: 'command failed',
      sentence: expect.stringContaining('compile command (node scripts/check.js)'),
    },
  });
  expect(JSON.stringify(outcome)).toContain('SyntaxError');
});

test('a command that hangs is ended after its own time', async () => {
  const outcome = await buildOf(serviceFile({ compile: 'setInterval(() => {}, 1000)', timeout: '300ms' }));
  expect(outcome).toMatchObject({
    failure: { fault: 'timeout', sentence: expect.stringContaining('300 ms') },
  });
});

test('a package command that makes nothing is the fault "no package"', async () => {
  expect(await buildOf(serviceFile({ pack: '0' }))).toMatchObject({ failure: { fault: 'no package' } });
});

test('a package that is a link to a file outside of the folder is no package', async () => {
  const pack = "fs.symlinkSync('/etc/hostname', 'made.bin')";
  expect(await buildOf(serviceFile({ pack }))).toMatchObject({ failure: { fault: 'no package' } });
});

test('a service file that is missing or wrong says where and what', async () => {
  await expect(buildOf('build: {}\n')).rejects.toMatchObject({
    fault: 'bad service file',
    lines: expect.arrayContaining([expect.stringMatching(/^bakery\.yaml:\d+: /)]),
  });
  const empty = gitRepository();
  const sha = empty.commit({ 'README.md': 'no service here' });
  const build = (folder: string) =>
    buildTask.run(input(empty.path, sha, folder), taskTools(), taskCall().call);
  await expect(build('')).rejects.toMatchObject({ fault: 'bad service file' });
  await expect(build('no/such/folder')).rejects.toMatchObject({ fault: 'bad service file' });
  await expect(build('../..')).rejects.toMatchObject({ fault: 'bad service file' });
});

test('a repository that is gone and a commit that is not there are told apart', async () => {
  const repository = gitRepository();
  repository.commit({ 'bakery.yaml': serviceFile() });
  const build = (address: string, sha: string) =>
    buildTask.run(input(address, sha), taskTools(), taskCall().call);
  const unknown = 'f'.repeat(40);
  await expect(build(repository.path, unknown)).rejects.toMatchObject({ fault: 'unknown commit' });
  await expect(build(join(tempFolder(), 'gone'), unknown)).rejects.toMatchObject({
    fault: 'repository gone',
  });
  await expect(build('http://127.0.0.1:1/x.git', unknown)).rejects.toMatchObject({ fault: 'unreachable' });
});

test('a commit or an address that looks like an option is none', async () => {
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': serviceFile() });
  const marker = join(tempFolder(), 'hacked');
  const build = (address: string, id: string) =>
    buildTask.run(input(address, id), taskTools(), taskCall().call);
  await expect(build(repository.path, `--upload-pack=touch ${marker}`)).rejects.toMatchObject({
    fault: 'unknown commit',
  });
  await expect(build(`--upload-pack=touch ${marker}`, sha)).rejects.toMatchObject({
    fault: 'repository gone',
  });
  await expect(build(`ext::sh -c "touch ${marker}"`, sha)).rejects.toMatchObject({ name: 'ProviderError' });
  expect(() => readFileSync(marker)).toThrow();
});

test('a cancelled build is the fault "aborted" and leaves nothing', async () => {
  const controller = new AbortController();
  const progress = (note: string): void => {
    if (note.startsWith('compile: baking')) controller.abort();
  };
  const compile = "console.log('baking'); setInterval(() => {}, 1000)";
  const building = buildOf(serviceFile({ compile }), { signal: controller.signal, progress });
  expect(await building).toMatchObject({ is: 'failed', failure: { fault: 'aborted' } });
});
