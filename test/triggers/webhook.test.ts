import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import { pollOnce } from '../../src/triggers/poll.ts';
import { normalised, webhooks } from '../../src/triggers/webhook.ts';
import { policy } from '../support/policies.ts';

const secrets = { github: 'github-secret', gitlab: 'gitlab-secret', generic: 'generic-secret' };
const now = 1_800_000_000_000;
const hello = policy({ repository: 'https://git.example.test/team/hello.git' });
const asked: { service: string; by: Actor }[] = [];
const seen = new Set<string>();
let server: Server;
let url: string;

beforeEach(async () => {
  asked.length = 0;
  seen.clear();
  const route = webhooks({
    pipeline: {
      requestRelease: async ({ service, by }) => {
        asked.push({ service, by });
        return { accepted: true, sentence: `${service} v1 is on its way.` };
      },
    },
    policies: () => [hello],
    secrets,
    now: () => now,
    firstTime: async (source, id) => {
      const key = `${source}/${id}`;
      const first = !seen.has(key);
      seen.add(key);
      return first;
    },
  });
  server = createServer(async (request, response) => {
    if (!(await route(request, response))) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(() => server.close());

const sign = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex');
const githubBody = (ref = 'refs/heads/main', repository = 'https://git.example.test/team/hello') =>
  JSON.stringify({ ref, repository: { clone_url: `${repository}.git`, html_url: repository } });

function github(body: string, more: Record<string, string> = {}): Promise<Response> {
  const signature = `sha256=${sign(secrets.github, body)}`;
  const headers = { 'x-hub-signature-256': signature, 'x-github-event': 'push', 'x-github-delivery': 'd1', ...more };
  return fetch(`${url}/webhooks/github`, { method: 'POST', body, headers });
}

function generic(body: string, at = now / 1000, secret = secrets.generic): Promise<Response> {
  const headers = { 'x-bakery-signature': `t=${at},v1=${sign(secret, `${at}.${body}`)}` };
  return fetch(`${url}/webhooks/push`, { method: 'POST', body, headers });
}

const genericBody = JSON.stringify({ repository: 'git@git.example.test:team/hello.git', ref: 'refs/heads/main' });

describe('a push', () => {
  it('from GitHub, GitLab or any signed sender asks for a release of the branch', async () => {
    expect((await github(githubBody())).status).toBe(200);
    const project = { git_http_url: 'https://git.example.test/team/hello.git' };
    const body = JSON.stringify({ ref: 'refs/heads/main', checkout_sha: 'abc', project });
    const headers = { 'x-gitlab-token': secrets.gitlab, 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': 'u1' };
    expect((await fetch(`${url}/webhooks/gitlab`, { method: 'POST', body, headers })).status).toBe(200);
    expect((await generic(genericBody)).status).toBe(200);
    expect(asked.map(({ service }) => service)).toEqual(['hello', 'hello', 'hello']);
    expect(asked[0]?.by).toEqual({ kind: 'webhook', source: 'github', delivery: 'd1' });
  });

  it('is refused with a wrong signature, whatever the source, and does nothing', async () => {
    const wrong = [
      await github(githubBody(), { 'x-hub-signature-256': `sha256=${sign('other', githubBody())}` }),
      await github(githubBody(), { 'x-hub-signature-256': '' }),
      await fetch(`${url}/webhooks/gitlab`, { method: 'POST', body: '{}', headers: { 'x-gitlab-token': 'x' } }),
      await generic(genericBody, now / 1000, 'other'),
      await fetch(`${url}/webhooks/push`, { method: 'POST', body: genericBody }),
    ];
    expect(wrong.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(asked).toEqual([]);
  });

  it('does nothing twice when it is delivered again', async () => {
    await github(githubBody());
    const again = await github(githubBody());
    expect(await again.text()).toContain('seen already');
    await generic(genericBody);
    await generic(genericBody);
    expect(asked).toHaveLength(2);
  });

  it('older or newer than five minutes is refused', async () => {
    expect((await generic(genericBody, now / 1000 - 400)).status).toBe(401);
    expect((await generic(genericBody, now / 1000 + 400)).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('of another branch or repository, a tag or a ping is ignored with the reason', async () => {
    const others = [
      await github(githubBody('refs/heads/other')),
      await github(githubBody('refs/tags/main')),
      await github(githubBody('refs/heads/main', 'https://git.example.test/other/hello')),
      await github(githubBody(), { 'x-github-event': 'ping' }),
    ];
    expect(others.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(asked).toEqual([]);
  });

  it('that is no push, or too large, is answered with a sentence', async () => {
    expect((await github('not json')).status).toBe(400);
    expect((await fetch(`${url}/webhooks/github`)).status).toBe(405);
    const large = 'x'.repeat(1024 * 1024 + 1);
    const answer = await github(large).catch(() => undefined);
    expect(answer === undefined || answer.status === 413).toBe(true);
    expect(asked).toEqual([]);
  });

  it('names a repository the same in every spelling', () => {
    const spellings = [
      'https://git.example.test/team/hello.git',
      'ssh://git@git.example.test/team/hello',
      'git@git.example.test:team/hello.git',
      'https://user@git.example.test/Team/hello/',
    ];
    expect(new Set(spellings.map(normalised)).size).toBe(1);
  });
});

describe('polling', () => {
  const parts = (head: () => string, released: boolean) => ({
    pipeline: {
      requestRelease: async ({ service, by }: { service: string; by: Actor }) => {
        asked.push({ service, by });
        return { accepted: true as const, sentence: 'on its way' };
      },
    },
    policies: () => [hello],
    branchHead: async () => head(),
    released: async () => released,
    every: 1,
    onError: () => undefined,
  });

  it('finds a push that no webhook told, once', async () => {
    let head = 'a';
    const known = new Map<string, string>();
    await pollOnce(parts(() => head, true), known);
    await pollOnce(parts(() => head, true), known);
    head = 'b';
    await pollOnce(parts(() => head, true), known);
    expect(asked).toHaveLength(2);
  });

  it('does not begin the first release of a service by itself', async () => {
    await pollOnce(parts(() => 'a', false), new Map());
    expect(asked).toEqual([]);
  });
});
