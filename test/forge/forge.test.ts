import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { openForge } from '../../src/forge/index.ts';
import { warnOfChecks } from '../../src/forge/warn-of-checks.ts';
import { type Check, checksProblem, type RequiredChecks } from '../../src/pipeline/domain/checks.ts';
import { policy } from '../support/policies.ts';

const sha = 'a'.repeat(40);

/** A forge that answers by path as the API of the real one is documented to; what it was asked is kept. */
async function forge(answers: Record<string, unknown>, status = 200) {
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://forge');
    asked.push({ url: request.url ?? '', headers: request.headers });
    const all = answers[pathname];
    response.writeHead(all === undefined ? 404 : status, { 'content-type': 'application/json' });
    const number = Number(searchParams.get('page'));
    response.end(JSON.stringify(typeof all === 'function' ? all(number) : number > 1 ? emptied(all) : all));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, api: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
const emptied = (all: unknown): unknown =>
  Array.isArray(all) ? [] : Object.fromEntries(Object.keys(all as object).map((key) => [key, []]));

const where = (over: Partial<RequiredChecks> & { api: string }): RequiredChecks => ({
  forge: 'github',
  project: 'acme/hello',
  token: 'env:TOKEN',
  required: ['build'],
  ...over,
});
const reader = openForge(async (reference) => `the value of ${reference}`);
const run = (name: string, conclusion: string | null, status = 'completed') => ({ name, status, conclusion });

it('GitHub’s check runs and statuses of a commit are read, with the token, page by page', async () => {
  const path = `/repos/acme/hello/commits/${sha}`;
  const many = Array.from({ length: 100 }, (_, index) => run(`job ${index}`, 'success'));
  const { api, asked } = await forge({
    [`${path}/check-runs`]: (page: number) => ({
      total_count: 103,
      check_runs:
        page === 1 ? many : [run('build', 'success'), run('lint', 'failure'), run('e2e', null, 'queued')],
    }),
    [`${path}/status`]: {
      state: 'pending',
      statuses: [
        { context: 'ci/old', state: 'success' },
        { context: 'ci/slow', state: 'pending' },
        { context: 'ci/bad', state: 'error' },
      ],
    },
  });
  const found = await reader.checks(where({ api }), sha);
  expect(found).toHaveLength(106);
  const problem = (...required: string[]) => checksProblem(required, found);
  expect(problem('build', 'ci/old', 'job 99')).toBeUndefined();
  expect(problem('lint', 'e2e', 'ci/slow', 'ci/bad', 'never')).toBe(
    'lint failed, e2e still runs, ci/slow still runs, ci/bad failed, never has not run',
  );
  expect(asked[0]?.headers).toMatchObject({
    authorization: 'Bearer the value of env:TOKEN',
    'x-github-api-version': '2022-11-28',
  });
});

it('GitLab’s statuses of a commit are read, of a project in groups too', async () => {
  const { api, asked } = await forge({
    [`/api/v4/projects/acme%2Fshop%2Fhello/repository/commits/${sha}/statuses`]: [
      { name: 'build', status: 'success', allow_failure: false },
      { name: 'lint', status: 'failed', allow_failure: true },
      { name: 'e2e', status: 'running' },
      { name: 'deploy', status: 'canceled', allow_failure: false },
    ],
  });
  const found = await reader.checks(where({ api, forge: 'gitlab', project: 'acme/shop/hello' }), sha);
  expect(checksProblem(['build'], found)).toBeUndefined();
  expect(checksProblem(['e2e', 'deploy'], found)).toBe('e2e still runs, deploy failed');
  expect(asked[0]?.headers['private-token']).toBe('the value of env:TOKEN');
});

it('a required check that the commit itself lets fail or skips has not passed', async () => {
  const statuses = ['failed', 'skipped', 'canceled'].map((status) => ({
    name: status,
    status,
    allow_failure: true,
  }));
  const lab = await forge({ [`/api/v4/projects/acme%2Fhello/repository/commits/${sha}/statuses`]: statuses });
  const found = await reader.checks(where({ api: lab.api, forge: 'gitlab' }), sha);
  expect(found.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
  const path = `/repos/acme/hello/commits/${sha}`;
  const hub = await forge({
    [`${path}/check-runs`]: { check_runs: [run('one', 'skipped'), run('two', 'neutral')] },
    [`${path}/status`]: { statuses: [] },
  });
  expect((await reader.checks(where({ api: hub.api }), sha)).map(({ state }) => state)).toEqual([
    'failed',
    'failed',
  ]);
});

it('one of several checks of one name that failed is enough', () => {
  const build = { name: 'build' };
  expect(
    checksProblem(
      ['build'],
      [
        { ...build, state: 'passed' },
        { ...build, state: 'failed' },
      ],
    ),
  ).toBe('build failed');
});

it('a forge that is away, refuses, or answers something else is an error that says what to look at', async () => {
  const path = `/repos/acme/hello/commits/${sha}/check-runs`;
  const other = await forge({ [path]: { message: 'hello' } });
  const failing = await forge({ [path]: {} }, 502);
  const unknown = await forge({});
  const ask = (api: string) => reader.checks(where({ api }), sha);
  await expect(ask('http://127.0.0.1:9')).rejects.toMatchObject({ fault: 'unreachable' });
  await expect(ask(failing.api)).rejects.toMatchObject({ fault: 'unreachable' });
  await expect(ask(other.api)).rejects.toMatchObject({ fault: 'unexpected state' });
  await expect(ask(unknown.api)).rejects.toThrow('whether the token may read it');
});

it('a card is warned while checks are not green, and asks the forge at most twice a minute', async () => {
  let now = 0;
  let asks = 0;
  let answer: Check[] | Error = [{ name: 'build', state: 'running' }];
  const service = policy({ checks: where({ api: 'https://forge.example' }) });
  const warn = warnOfChecks({
    now: () => now,
    forge: {
      async checks() {
        asks += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  });
  expect(await warn(service, sha)).toEqual({ is: 'checks', problem: 'build still runs' });
  await warn(service, sha);
  expect(asks).toBe(1);
  now += 30_000;
  answer = new Error('away');
  expect(await warn(service, sha)).toEqual({ is: 'checks' });
  now += 30_000;
  answer = [{ name: 'build', state: 'passed' }];
  expect(await warn(service, sha)).toBeUndefined();
  expect(await warn(policy(), sha)).toBeUndefined();
  expect(asks).toBe(3);
});
