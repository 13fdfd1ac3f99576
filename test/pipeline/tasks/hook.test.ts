import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../../../src/pipeline/domain/checks.ts';
import type { HookAbout } from '../../../src/pipeline/domain/hook.ts';
import type { TaskInputs } from '../../../src/pipeline/domain/task.ts';
import { hook } from '../../../src/pipeline/tasks/hook.ts';
import { webhookSignature } from '../../../src/pipeline/webhook-signature.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';

const key = 'a key that both sides know';
const about: HookAbout = {
  ...{ hook: 'ticket', when: 'before', stage: 'launch', service: 'hello', version: 7, commit: 'c0ffee' },
  ...{ environment: 'production', deployment: 'hello.production.3' },
};

/** A hook that answers, and keeps what it was asked. */
async function other(...answers: { status: number; body?: string; hang?: true }[]) {
  const asked: { headers: Record<string, string>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({
      headers: Object.fromEntries(Object.entries(request.headers).map(([n, v]) => [n, String(v)])),
      body,
    });
    const answer = answers.shift() ?? { status: 200 };
    if (answer.hang !== true) response.writeHead(answer.status, { location: '/else' }).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, asked };
}

const tools = (now = Date.now) => taskTools(undefined, { secret: async () => key, now });
const input = (url: string, within = 5_000): TaskInputs['hook'] => ({
  about,
  within,
  how: { by: 'call', url, key: 'env:KEY' },
});
const faultOf = (work: Promise<unknown>): Promise<{ fault: string; lines: string[] }> =>
  work.then(
    () => ({ fault: 'none', lines: [] }),
    ({ failure }) => ({ fault: failure.fault, lines: failure.lines ?? [] }),
  );

describe('a call', () => {
  it('says what is about to happen, signed, and under one id however often it is tried', async () => {
    const { url, asked } = await other({ status: 503 }, { status: 204 });
    expect((await faultOf(hook.run(input(url), tools(), taskCall().call))).fault).toBe('unreachable');
    expect(await hook.run(input(url), tools(), taskCall().call)).toEqual({ is: 'done', result: {} });
    const [first, second] = asked;
    expect(first?.headers['webhook-id']).toBe('before.launch.ticket.hello.production.3');
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    for (const { headers, body } of asked) {
      const id = headers['webhook-id'] ?? '';
      const seconds = Number(headers['webhook-timestamp']);
      expect(headers['webhook-signature']).toBe(webhookSignature(key, { id, seconds, body }));
      expect(JSON.parse(body)).toEqual({ type: 'hook', data: about });
    }
  });

  it('that is asked anew has another id', async () => {
    const { url, asked } = await other();
    const anew = { ...input(url), about: { ...about, round: 2 } };
    await hook.run(anew, tools(), taskCall().call);
    expect(asked[0]?.headers['webhook-id']).toBe('before.launch.ticket.hello.production.3.2');
  });

  it.each([
    [{ status: 403, body: 'No change window.\nAsk Ada.' }, 'denied'],
    [{ status: 302 }, 'unreachable'],
    [{ status: 429 }, 'unreachable'],
    [{ status: 500 }, 'unreachable'],
    [{ status: 200, hang: true } as const, 'unreachable'],
  ])('that is answered %j is the fault %s', async (answer, fault) => {
    const { url } = await other(answer);
    const failure = await faultOf(hook.run(input(url, 300), tools(), taskCall().call));
    expect(failure.fault).toBe(fault);
    if (fault === 'denied') expect(failure.lines).toEqual(['No change window.', 'Ask Ada.']);
  });

  it('whose answer never ends is read as far as it is shown', async () => {
    const { url } = await other({ status: 403, body: 'x'.repeat(5_000_000) });
    const { lines } = await faultOf(hook.run(input(url), tools(), taskCall().call));
    expect(lines).toEqual(['x'.repeat(300)]);
  });
});

describe('a command', () => {
  const run = async (script: string, within = 20_000) => {
    const repository = gitRepository();
    const sha = repository.commit({ 'service/smoke.js': script });
    const own = taskTools();
    const { call, lines } = taskCall();
    const checkout = {
      ...{ repository: repository.path, folder: 'service', sha },
      mark: {
        ...{ owner: 'o', service: 'hello', version: 7, environment: 'verify' },
        effect: 'e',
        generation: 1,
        epoch: 0,
      },
    };
    const how = { by: 'command', argv: ['node', 'smoke.js'] } as const;
    const { fault } = await faultOf(
      hook.run({ about, within, how: { ...how, argv: [...how.argv] }, checkout }, own, call),
    );
    expect(readdirSync(own.scratch)).toEqual([]);
    return { fault, lines };
  };

  it('runs in the checkout of the commit, knows where it is, and has no setting and no secret', async () => {
    process.env.HOOK_TEST_SECRET = 'of the worker';
    const { fault, lines } = await run('console.log(JSON.stringify(process.env))');
    delete process.env.HOOK_TEST_SECRET;
    expect(fault).toBe('none');
    const env: Record<string, string> = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}');
    expect(env).toMatchObject({
      ...{ BAKERY_HOOK: 'before launch', BAKERY_SERVICE: 'hello', BAKERY_VERSION: 'v7' },
      ...{ BAKERY_COMMIT: 'c0ffee', BAKERY_ENVIRONMENT: 'production' },
    });
    expect(env).not.toHaveProperty('HOOK_TEST_SECRET');
  });

  it('that fails says so, and one that takes too long is ended', async () => {
    expect((await run('process.exit(3)')).fault).toBe('command failed');
    expect((await run('setInterval(() => {}, 1000)', 300)).fault).toBe('timeout');
  });
});

describe('checks of the forge', () => {
  const checks = {
    ...({ forge: 'github', api: 'https://api.github.example', project: 'acme/hello' } as const),
    ...{ required: ['build', 'lint'], wait: 60_000 },
  };
  const asked = async (found: Check[]) => {
    const own = taskTools(undefined, { checks: async (_, sha) => (sha === 'c0ffee' ? found : []) });
    return hook.run({ about, within: 60_000, how: { by: 'checks', checks } }, own, taskCall().call);
  };
  const passed = (name: string): Check => ({ name, state: 'passed' });

  it('let it go on when all of them passed, and are asked again while one of them has not', async () => {
    expect(await asked([passed('build'), passed('lint'), { name: 'other', state: 'failed' }])).toEqual({
      ...{ is: 'done', result: {} },
    });
    expect(await asked([passed('build'), { name: 'lint', state: 'running' }])).toMatchObject({
      ...{ is: 'not yet', note: 'waits for checks: lint still runs' },
    });
    expect(await asked([passed('build')])).toMatchObject({ note: 'waits for checks: lint has not run' });
  });

  it('of which one failed are not waited for any longer', async () => {
    await expect(asked([passed('build'), { name: 'lint', state: 'failed' }])).rejects.toMatchObject({
      fault: 'tests failed',
      message: expect.stringContaining('At GitHub, lint failed.'),
    });
  });
});
