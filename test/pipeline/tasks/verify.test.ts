import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Suite } from '../../../src/pipeline/domain/service-file.ts';
import type { TaskTools } from '../../../src/pipeline/tasks/contract.ts';
import { verify as verifyTask } from '../../../src/pipeline/tasks/verify.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';

/** A candidate that says hello at `/` and has nothing else. */
const candidate = async (): Promise<string> => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/' ? 200 : 404;
    response.end(request.url === '/' ? 'hello from the oven' : 'nothing');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const suite = (name: string, over: Partial<Suite>): Suite => ({
  name,
  kind: 'functional',
  http: [],
  ...over,
});
const node = (script: string, timeout = 10_000) => ({ argv: ['node', '-e', script], timeout });
const writes = (xml: string, exit = 0) =>
  node(`fs.writeFileSync('out/report.xml', ${JSON.stringify(xml)}); process.exit(${exit})`);

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );

const verify = async (suites: Suite[], over: Parameters<typeof taskCall>[0] = {}) => {
  const repository = gitRepository();
  const sha = repository.commit({ 'README.md': 'a service' });
  const parts = [{ version: 7, sha, suites }];
  const input = { repository: repository.path, folder: '', parts, address: await candidate(), grace: 1_000 };
  return verifyTask.run(input, taskTools(), taskCall(over).call);
};

test('HTTP checks and a command without report count their tests', async () => {
  const asks = node('fetch(process.env.BAKERY_ADDRESS).then((r) => process.exit(r.status === 200 ? 0 : 1))');
  const http = [
    { path: '/', status: 200, contains: 'oven' },
    { path: '/nothing', status: 404 },
  ];
  expect(await verify([suite('functional', { http, command: asks })])).toEqual({
    is: 'done',
    result: { suites: [{ name: 'functional', passed: 3, failed: 0, failures: [], of: 7 }] },
  });
});

test('a failed HTTP check names the path and shows the answer', async () => {
  const http = [{ path: '/', status: 200, contains: 'cake' }];
  const outcome = await verify([suite('functional', { http })]);
  expect(outcome).toMatchObject({
    is: 'failed',
    failure: { fault: 'tests failed', sentence: expect.stringContaining('"GET /"') },
    evidence: { suites: [{ passed: 0, failed: 1, failures: ['GET /'] }] },
  });
  expect(JSON.stringify(outcome)).toContain('hello from the oven');
});

test('a JUnit report is counted, with nested suites, skipped tests and names of failures', async () => {
  const xml = `<?xml version="1.0"?><testsuites>
    <testcase name="top" /><testsuite name="a"><testcase name="one"/><testcase name="two"><failure>no</failure></testcase>
    <testsuite name="b"><testcase name="three"><error/></testcase><testcase name="four"><skipped/></testcase></testsuite></testsuite></testsuites>`;
  expect(
    await verify([suite('functional', { command: writes(xml, 1), junit: 'out/report.xml' })]),
  ).toMatchObject({
    failure: {
      fault: 'tests failed',
      sentence: expect.stringContaining('2 of 4 tests passed; first failed "two"'),
    },
    evidence: { suites: [{ passed: 2, failed: 2, failures: ['two', 'three'], of: 7 }] },
  });
});

test('a report of success does not hide a command that failed, nor does a missing report', async () => {
  const xml = '<testsuites><testcase name="one"/></testsuites>';
  const hidden = await verify([suite('functional', { command: writes(xml, 2), junit: 'out/report.xml' })]);
  expect(hidden).toMatchObject({
    evidence: { suites: [{ passed: 1, failed: 1, failures: ['node ended with exit code 2'] }] },
  });
  const missing = await verify([suite('functional', { command: node('0'), junit: 'out/report.xml' })]);
  expect(missing).toMatchObject({
    evidence: { suites: [{ failures: ['no JUnit report at out/report.xml'] }] },
  });
  const broken = await verify([
    suite('functional', { command: writes('<oops', 0), junit: 'out/report.xml' }),
  ]);
  expect(broken).toMatchObject({
    evidence: { suites: [{ failures: ['no JUnit report at out/report.xml'] }] },
  });
});

test('a test that hangs is ended by its time, and the suite is named', async () => {
  const outcome = await verify([
    suite('slow', {
      command: node("console.log('waiting for the dough'); setInterval(() => {}, 1000)", 400),
    }),
    suite('quick', { command: node('0') }),
  ]);
  expect(outcome).toMatchObject({
    is: 'failed',
    failure: { fault: 'timeout', sentence: expect.stringContaining('suite slow of v7') },
    evidence: {
      suites: [
        { name: 'slow', failed: 1 },
        { name: 'quick', passed: 1 },
      ],
    },
  });
  expect(JSON.stringify(outcome)).toContain('waiting for the dough');
});

test('the suites of the live release run from its own commit', async () => {
  const repository = gitRepository();
  const show = { argv: ['node', 'show.js'], timeout: 10_000 };
  const old = repository.commit({ 'show.js': "console.log('I am old')" });
  const sha = repository.commit({ 'show.js': "console.log('I am new'); process.exit(1)" });
  const suites = [suite('functional', { command: show })];
  const parts = [
    { version: 2, sha, suites: [] },
    { version: 1, sha: old, suites },
  ];
  const { call, lines } = taskCall();
  const input = { repository: repository.path, folder: '', parts, address: await candidate(), grace: 1_000 };
  expect(await verifyTask.run(input, taskTools(), call)).toMatchObject({
    is: 'done',
    result: { suites: [{ passed: 1, of: 1 }] },
  });
  expect(lines).toContain('I am old');
});

test('no suite begins once a commit turned out to be unknown', async () => {
  const repository = gitRepository();
  const sha = repository.commit({ 'README.md': 'a service' });
  const suites = [suite('functional', { command: node("console.log('begun in vain')") })];
  const parts = [
    { version: 2, sha, suites },
    { version: 1, sha: 'no id of a commit', suites },
  ];
  const { call, lines } = taskCall();
  const input = { repository: repository.path, folder: '', parts, address: await candidate(), grace: 1_000 };
  await expect(verifyTask.run(input, taskTools(), call)).rejects.toMatchObject({ fault: 'unknown commit' });
  expect(lines).not.toContain('begun in vain');
});

test('a verify that ends early leaves its folder to a checkout that is still under way', async () => {
  const repository = gitRepository();
  const old = repository.commit({ 'README.md': 'as it was' });
  const sha = repository.commit({ 'README.md': 'a service' });
  const tools = taskTools();
  const cancelled = new AbortController();
  const suiteOver = new AbortController();
  const seen: boolean[] = [];
  const commands: TaskTools['commands'] = {
    async run(order) {
      if (order.argv.includes('fetch') && order.argv.includes(old)) {
        if (!suiteOver.signal.aborted) await once(suiteOver.signal, 'abort');
        // As often as would take the folder away beneath it.
        for (let looks = 0; looks < 100; looks += 1) seen.push(await isThere(order.cwd));
      }
      const end = await tools.commands.run(order);
      if (order.argv[0] === 'node') suiteOver.abort();
      return end;
    },
  };
  const endless = node("console.log('begun'); setInterval(() => {}, 1000)");
  const parts = [
    { version: 2, sha, suites: [suite('endless', { command: endless })] },
    { version: 1, sha: old, suites: [suite('functional', { command: node('0') })] },
  ];
  const log = (line: string): void => {
    if (line === 'begun') cancelled.abort();
  };
  const { call } = taskCall({ signal: cancelled.signal, log });
  const input = { repository: repository.path, folder: '', parts, address: await candidate(), grace: 1_000 };
  const verifying = verifyTask.run(input, { ...tools, commands }, call);
  await expect(verifying).rejects.toMatchObject({ fault: 'aborted' });
  expect(seen).toEqual(Array(100).fill(true));
});

test('a cancelled verify is the fault "aborted"', async () => {
  const controller = new AbortController();
  const progress = (note: string): void => {
    if (note.startsWith('slow: ')) controller.abort();
  };
  const command = node("console.log('begun'); setInterval(() => {}, 1000)");
  const verifying = verify([suite('slow', { command })], { signal: controller.signal, progress });
  await expect(verifying).rejects.toMatchObject({ fault: 'aborted' });
});
