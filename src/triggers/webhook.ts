import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { isRefusal } from '../pipeline/domain/command.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { hmac, same } from './signature.ts';

export interface WebhookParts {
  pipeline: Pick<Pipeline, 'requestRelease'>;
  policies(): Iterable<ServicePolicy>;
  /** A source without a secret is not served. */
  secrets: { github?: string; gitlab?: string; generic?: string };
  now(): number;
  /** True the first time a delivery is seen. */
  firstTime(source: string, id: string): Promise<boolean>;
}

/** A push that was verified. */
interface Push {
  source: string;
  delivery: string;
  repository: string[];
  ref: string;
}

type Verdict = Push | { status: number; says: string };

const largestBody = 1024 * 1024;
/** Seconds that a generic signature is good for. */
const window = 300;

/** Answers the webhooks of forges; false for every other path. Nothing of a body is read before it is verified. */
export function webhooks(parts: WebhookParts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const source = { '/webhooks/github': github, '/webhooks/gitlab': gitlab, '/webhooks/push': generic }[
      request.url?.split('?')[0] ?? ''
    ];
    if (source === undefined) return false;
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    const verdict =
      body === undefined
        ? { status: request.method === 'POST' ? 413 : 405, says: 'POST a push of at most 1 MiB.' }
        : source(request.headers, body, parts);
    const { status, says } = 'says' in verdict ? verdict : await take(verdict, parts);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(`${says}\n`);
    return true;
  };
}

type Headers = IncomingMessage['headers'];

const text = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');
const refused: Verdict = { status: 401, says: 'The signature is wrong. Nothing was done.' };
const notServed: Verdict = { status: 404, says: 'This source is not configured in bot.yaml.' };
const ignored = (why: string): Verdict => ({ status: 202, says: `Ignored: ${why}` });

const githubPush = z.object({
  ref: z.string(),
  deleted: z.boolean().optional(),
  repository: z.object({
    clone_url: z.string().optional(),
    ssh_url: z.string().optional(),
    html_url: z.string().optional(),
  }),
});

function github(headers: Headers, body: string, { secrets }: WebhookParts): Verdict {
  if (secrets.github === undefined) return notServed;
  if (!same(text(headers['x-hub-signature-256']), `sha256=${hmac(secrets.github, body)}`)) return refused;
  if (text(headers['x-github-event']) !== 'push') return ignored('it is not a push.');
  const push = parse(githubPush, body);
  if (push === undefined) return { status: 400, says: 'This is not a push of GitHub.' };
  if (push.deleted === true) return ignored('the branch was deleted.');
  const { clone_url, ssh_url, html_url } = push.repository;
  const repository = [clone_url, ssh_url, html_url].filter((url) => url !== undefined);
  return { source: 'github', delivery: text(headers['x-github-delivery']), repository, ref: push.ref };
}

const gitlabPush = z.object({
  ref: z.string(),
  checkout_sha: z.string().nullish(),
  project: z.object({ git_http_url: z.string().optional(), git_ssh_url: z.string().optional() }),
});

function gitlab(headers: Headers, body: string, { secrets }: WebhookParts): Verdict {
  if (secrets.gitlab === undefined) return notServed;
  if (!same(text(headers['x-gitlab-token']), secrets.gitlab)) return refused;
  if (text(headers['x-gitlab-event']) !== 'Push Hook') return ignored('it is not a push.');
  const push = parse(gitlabPush, body);
  if (push === undefined) return { status: 400, says: 'This is not a push of GitLab.' };
  if (push.checkout_sha === null) return ignored('the branch was deleted.');
  const { git_http_url, git_ssh_url } = push.project;
  const repository = [git_http_url, git_ssh_url].filter((url) => url !== undefined);
  return { source: 'gitlab', delivery: text(headers['x-gitlab-event-uuid']), repository, ref: push.ref };
}

const genericPush = z.object({ repository: z.string(), ref: z.string() });

/** `X-Bakery-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of "t.body">`. */
function generic(headers: Headers, body: string, { secrets, now }: WebhookParts): Verdict {
  if (secrets.generic === undefined) return notServed;
  const [, at = '', signature = ''] =
    /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(text(headers['x-bakery-signature'])) ?? [];
  if (!same(signature, hmac(secrets.generic, `${at}.${body}`))) return refused;
  if (Math.abs(now() / 1000 - Number(at)) > window) {
    return { status: 401, says: 'The signature is older, or newer, than five minutes. Nothing was done.' };
  }
  const push = parse(genericPush, body);
  if (push === undefined) return { status: 400, says: 'A push is {"repository": …, "ref": "refs/heads/…"}.' };
  const delivery = createHash('sha256').update(signature).digest('hex');
  return { source: 'push', delivery, repository: [push.repository], ref: push.ref };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

async function take(push: Push, parts: WebhookParts): Promise<{ status: number; says: string }> {
  const { source, delivery, ref } = push;
  const wanted = new Set(push.repository.map(normalised));
  const services = [...parts.policies()].filter(
    ({ repository, branch }) => wanted.has(normalised(repository)) && ref === `refs/heads/${branch}`,
  );
  if (services.length === 0)
    return { status: 202, says: 'Ignored: no service is released from this branch of this repository.' };
  if (delivery !== '' && !(await parts.firstTime(source, delivery))) {
    return { status: 200, says: 'This delivery was seen already. Nothing was done again.' };
  }
  const says: string[] = [];
  for (const { service, branch } of services) {
    const by = { kind: 'webhook', source, delivery } as const;
    const answer = await parts.pipeline.requestRelease({ service, ref: branch, by, onlyNew: true });
    says.push(`${service}: ${isRefusal(answer) ? `not released. ${answer.sentence}` : answer.sentence}`);
  }
  return { status: 200, says: says.join('\n') };
}

/** One spelling for a repository's address: without scheme, user, `.git` and trailing slash. */
export function normalised(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]+@/, '')
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
}

/** The body as text; undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestBody) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
