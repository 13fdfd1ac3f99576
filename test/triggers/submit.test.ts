import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { submitPackage } from '../../src/cli/submit.ts';
import type { Digest } from '../../src/pipeline/domain/time.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { bakerySignature } from '../../src/triggers/signature.ts';
import { type SubmitParts, submissions, uploadText } from '../../src/triggers/submit.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { frontDoor, policy } from './receiver.ts';

const sha = 'a'.repeat(40);
const script = join(import.meta.dirname, '../../examples/external-ci/submit.sh');
const digestOf = (bytes: string): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The handler behind a real socket, before a real store. */
async function desk(over: Partial<SubmitParts> = {}) {
  const door = frontDoor();
  const store = directoryStore(tempFolder());
  const seen = new Set<string>();
  const handler = submissions({
    pipeline: door.pipeline,
    policy: (service) =>
      service === 'hello' ? policy({ external: { key: 'env:KEY', largest: 1_000_000 } }) : policy(),
    secret: async () => 'the key',
    put: store.put,
    has: store.has,
    now: Date.now,
    firstTime: async (source, id) => seen.size < seen.add(`${source}/${id}`).size,
    ...over,
  });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    void handler(request, response).then((taken) => {
      if (!taken) response.writeHead(418).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...door, store, to, asked };
}

const files = (made = 'the package', report = '<testsuites/>') => {
  const folder = tempFolder();
  const [path, tests] = [join(folder, 'hello.tar'), join(folder, 'tests.xml')];
  writeFileSync(path, made);
  writeFileSync(tests, report);
  return { package: path, tests: [tests] };
};

const byHand = async (to: string, { key = 'the key', made = files() } = {}) =>
  submitPackage({ to, service: 'hello', commit: sha, ref: 'main', key, ...made });

const run = promisify(execFile);
const byScript = async (to: string, { key = 'the key', made = files() } = {}) => {
  const argv = [
    '--to',
    to,
    '--service',
    'hello',
    '--commit',
    sha,
    '--ref',
    'main',
    '--package',
    made.package,
  ];
  const env = { PATH: process.env.PATH, BAKERY_SUBMIT_KEY: key };
  const { stdout } = await run('bash', [script, ...argv, '--tests', made.tests[0] ?? ''], { env });
  return stdout.trim();
};

it('a hotfix is handed over with why it is one', async () => {
  const { to, orders } = await desk();
  const order = { to, service: 'hello', commit: sha, ref: 'fix-1', key: 'the key', ...files() };
  await submitPackage({ ...order, hotfix: 'the shop is down' });
  expect(orders).toMatchObject([{ ref: 'fix-1', hotfix: 'the shop is down', submitted: { sha } }]);
});

describe.each([
  ['bakery submit', byHand],
  ['the script of the examples', byScript],
])('an outside CI with %s', (_name, submit) => {
  it('hands over a package with its commit and its test reports', async () => {
    const { to, orders, store } = await desk();
    expect(await submit(to)).toBe('v1 is being built.');
    expect(orders).toMatchObject([
      {
        service: 'hello',
        ref: 'main',
        by: { kind: 'webhook', source: 'ci' },
        submitted: {
          sha,
          package: { name: 'hello.tar', digest: digestOf('the package'), size: 11 },
          reports: [digestOf('<testsuites/>')],
        },
      },
    ]);
    expect(await text(await store.get(digestOf('the package')))).toBe('the package');
  });

  it('sends no bytes that the store has, and a second time is no failure', async () => {
    const { to, asked, answers } = await desk();
    await submit(to);
    answers.push({ refused: 'already there', sentence: 'aaaaaaa is hello v1 already.' });
    const before = asked.length;
    expect(await submit(to)).toBe('aaaaaaa is hello v1 already.');
    expect(asked.slice(before).filter((one) => one.startsWith('PUT'))).toEqual([]);
  });

  it('is refused with another key, and nothing of it is kept', async () => {
    const { to, asked, store, orders } = await desk();
    await expect(submit(to, { key: 'another' })).rejects.toThrow('The signature does not hold');
    expect(asked.filter((one) => !one.startsWith('GET'))).toEqual([]);
    expect(await store.has(digestOf('the package'))).toBe(false);
    expect(orders).toEqual([]);
  });

  it('is told what Bakery refuses', async () => {
    const { to, answers } = await desk();
    answers.push({ refused: 'bad input', sentence: 'The repository of hello has no such commit.' });
    await expect(submit(to)).rejects.toThrow('The repository of hello has no such commit.');
  });
});

describe('the ready step of', () => {
  const examples = join(import.meta.dirname, '../../examples/external-ci');
  const yaml = (file: string) => parse(readFileSync(join(examples, file), 'utf8'));
  /** A checkout as the example wants it, with what the jobs before have left. */
  const checkout = (scriptIn: string) => {
    const cwd = tempFolder();
    for (const folder of ['out', scriptIn]) mkdirSync(join(cwd, folder), { recursive: true });
    writeFileSync(join(cwd, 'out/invoices.tar'), 'the package');
    writeFileSync(join(cwd, 'out/tests.xml'), '<testsuites/>');
    copyFileSync(script, join(cwd, scriptIn, 'submit.sh'));
    chmodSync(join(cwd, scriptIn, 'submit.sh'), 0o755);
    return cwd;
  };
  const everyService = { policy: () => policy({ external: { key: 'env:KEY', largest: 1_000 } }) };
  const wanted = {
    service: 'invoices',
    ref: 'main',
    submitted: { sha, package: { name: 'invoices.tar' }, reports: [digestOf('<testsuites/>')] },
  };

  it('GitHub Actions hands over what the job has built', async () => {
    const { to, orders } = await desk(everyService);
    const cwd = checkout('action');
    const [step] = yaml('github-action/action.yml').runs.steps;
    const given = yaml('github-workflow.yml').jobs.build.steps.at(-1).with;
    const env = {
      PATH: process.env.PATH,
      GITHUB_ACTION_PATH: join(cwd, 'action'),
      GITHUB_SHA: sha,
      GITHUB_REF_NAME: 'main',
      BAKERY_SUBMIT_KEY: 'the key',
      TO: to,
      SERVICE: given.service,
      PACKAGE: given.package,
      TESTS: given.tests,
    };
    await run('bash', ['-e', '-c', step.run], { cwd, env });
    expect(orders).toMatchObject([wanted]);
  });

  it('GitLab CI hands over what the job has built', async () => {
    const { to, orders } = await desk(everyService);
    const cwd = checkout('ci');
    const [line] = yaml('gitlab-ci.yml').submit.script;
    const env = {
      PATH: process.env.PATH,
      CI_COMMIT_SHA: sha,
      CI_COMMIT_REF_NAME: 'main',
      BAKERY_SUBMIT_KEY: 'the key',
    };
    await run('bash', ['-e', '-c', line.replace('https://bakery.example.com', to)], { cwd, env });
    expect(orders).toMatchObject([wanted]);
  });
});

describe('what is handed over', () => {
  const put = (to: string, bytes: string, over: { digest?: string; at?: number; header?: string } = {}) => {
    const digest = over.digest ?? digestOf(bytes);
    const header =
      over.header ?? bakerySignature('the key', uploadText('hello', digest), over.at ?? Date.now());
    return fetch(`${to}/submit/hello/${digest}`, {
      method: 'PUT',
      body: bytes,
      headers: { 'x-bakery-signature': header },
    });
  };
  const post = (to: string, body: string, at = Date.now()) =>
    fetch(`${to}/submit/hello`, {
      method: 'POST',
      body,
      headers: { 'x-bakery-signature': bakerySignature('the key', body, at) },
    });
  const whole = (over: object = {}) =>
    JSON.stringify({ commit: sha, package: { name: 'a.tar', digest: digestOf('x'), size: 1 }, ...over });

  it('has to be the bytes that its signed name says', async () => {
    const { to } = await desk();
    expect((await put(to, 'other bytes', { digest: digestOf('x') })).status).toBe(400);
  });

  it('may be as large as the service’s file allows, and no larger', async () => {
    const small = { external: { key: 'env:KEY', largest: 1 } };
    const { to, store } = await desk({ policy: () => policy(small) });
    const large = 'x'.repeat(17 * 1024 * 1024);
    const answer = await put(to, large).catch(() => undefined);
    expect([undefined, 413]).toContain(answer?.status);
    expect(await store.has(digestOf(large))).toBe(false);
  });

  it('is refused when its signature is old, or of something else', async () => {
    const { to } = await desk();
    expect((await put(to, 'x', { at: Date.now() - 301_000 })).status).toBe(401);
    const other = bakerySignature('the key', uploadText('other', digestOf('x')), Date.now());
    expect((await put(to, 'x', { header: other })).status).toBe(401);
    expect((await put(to, 'x', { header: '' })).status).toBe(401);
  });

  it('begins nothing when it is played again', async () => {
    const { to, orders } = await desk();
    await put(to, 'x');
    const at = Date.now();
    expect((await post(to, whole(), at)).status).toBe(202);
    expect(await (await post(to, whole(), at)).text()).toContain('nothing was done again');
    expect(orders).toHaveLength(1);
  });

  it('needs its package in the store, and says what is wrong with it', async () => {
    const { to, orders } = await desk();
    expect(await (await post(to, whole())).text()).toContain('upload it first');
    await put(to, 'x');
    for (const bad of [{ commit: 'main' }, { ref: '--upload-pack=x' }, { more: 1 }, { reports: ['x'] }]) {
      const answer = await post(to, whole(bad));
      expect(answer.status).toBe(400);
    }
    expect((await post(to, 'not json')).status).toBe(400);
    expect(orders).toEqual([]);
  });

  it('is taken for services that an outside CI builds alone', async () => {
    const { to } = await desk();
    for (const path of ['/submit/other', '/submit/__proto__', '/submit/', `/submit/other/${digestOf('x')}`])
      expect((await fetch(`${to}${path}`, { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await fetch(`${to}/submit/hello`, { method: 'DELETE' })).status).toBe(405);
  });
});
