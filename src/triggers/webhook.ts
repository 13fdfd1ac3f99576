import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, isRefusal } from '../pipeline/domain/command.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { sameRepository } from '../pipeline/domain/repository.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { readBody } from './body.ts';
import type { Push } from './push.ts';
import { type Source, type SourceName, sources, type Verified } from './sources.ts';

export interface WebhookParts {
  pipeline: Pick<Pipeline, 'requestRelease'>;
  policies: () => Iterable<ServicePolicy>;
  /** A source without a secret is not served. */
  secrets: Partial<Record<SourceName, string>>;
  now: () => At;
  /** True the first time it is asked for this delivery of this source, false ever after. */
  firstTime(source: string, id: string): Promise<boolean>;
}

/** Handles a request under `/webhooks/`; false, and nothing done, for any other. Never throws. */
export type WebhookHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

interface Reply {
  status: number;
  sentence: string;
}

const reply = (status: number, sentence: string): Reply => ({ status, sentence });

/**
 * Pushes become commands: GitHub's at `/webhooks/github`, GitLab's at `/webhooks/gitlab`, signed generic ones at
 * `/webhooks/push`. Nothing in a request is believed, not even read as JSON, before its sender is proved.
 */
export function webhooks(parts: WebhookParts): WebhookHandler {
  const failed = new Set<string>();
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!path.startsWith('/webhooks/')) return false;
    const source = Object.hasOwn(sources, path) ? sources[path] : undefined;
    const answer = await answerTo(request, source, parts, failed).catch(() => broken);
    send(request, response, answer);
    return true;
  };
}

const broken = reply(
  500,
  'Bakery failed at this delivery; nothing was begun; deliver it again, polling finds it too.',
);

async function answerTo(
  request: IncomingMessage,
  source: Source | undefined,
  parts: WebhookParts,
  failed: Set<string>,
): Promise<Reply> {
  const secret = source && parts.secrets[source.name];
  if (source === undefined || secret === undefined || secret === '')
    return reply(404, 'Nothing is served here; name its secret under `webhooks` in bot.yaml to serve it.');
  if (request.method !== 'POST') return reply(405, 'A webhook is a POST; send it as one.');
  const body = await readBody(request);
  if (body === 'too large') return reply(413, 'The body is larger than 1 MiB; send less.');
  if (body === 'too slow') return reply(408, 'The body did not arrive within 10 s; send it again.');
  const verified = source.verify({ headers: request.headers, body, secret, now: parts.now() });
  if (verified === undefined)
    return reply(
      401,
      'The signature or token does not hold; check the secret on both sides, and the clocks.',
    );
  return handle(source, verified, body, parts, failed);
}

async function handle(
  source: Source,
  verified: Verified,
  body: Buffer,
  parts: WebhookParts,
  failed: Set<string>,
): Promise<Reply> {
  if (verified.event === 'ping') return reply(200, 'Bakery hears you. Pushes are what it waits for.');
  if (verified.event !== undefined)
    return reply(
      202,
      `Ignored: ${verified.event.replace(/[^\w .:-]/g, '?')} is no push; only pushes begin a release.`,
    );
  const push = source.push(parsed(body));
  if (push === undefined)
    return reply(
      400,
      'This is not a push in JSON as the source writes it; set the content type to application/json.',
    );
  const wanted = whatFor(push, parts.policies());
  if ('ignored' in wanted) return reply(202, `Ignored: ${wanted.ignored}`);
  const key = `${source.name}/${verified.delivery}`;
  const first = await parts.firstTime(source.name, verified.delivery);
  if (!first && !failed.delete(key))
    return reply(source.refusesReplays ? 409 : 200, 'This delivery was seen before; nothing was done again.');
  return release(wanted.services, { source, verified, push, parts, again: () => remember(failed, key) });
}

/** Asks for a release of each service. What failed on the way may be delivered again. */
async function release(
  services: ServicePolicy[],
  {
    source,
    verified,
    push,
    parts,
    again,
  }: { source: Source; verified: Verified; push: Push; parts: WebhookParts; again: () => void },
): Promise<Reply> {
  const by = { kind: 'webhook', source: source.name, delivery: verified.delivery } as const;
  const pusher = push.pushedBy === undefined ? {} : { pushedBy: push.pushedBy };
  const sentences: string[] = [];
  try {
    for (const { service, branch } of services) {
      const answer = await parts.pipeline.requestRelease({
        service,
        ref: branch,
        by,
        onlyNew: true,
        ...pusher,
      });
      if (isRefusal(answer) && answer.refused === 'bad input') again();
      sentences.push(`${service}: ${sentenceOf(answer)}`);
    }
  } catch {
    again();
    return broken;
  }
  return reply(200, sentences.join('\n'));
}

const sentenceOf = (answer: Answer): string => answer.sentence;

/** Keeps what failed, so that its redelivery is not taken for one that was done. Bounded. */
function remember(failed: Set<string>, key: string): void {
  if (failed.size >= 1000) failed.clear();
  failed.add(key);
}

function whatFor(
  push: Push,
  policies: Iterable<ServicePolicy>,
): { services: ServicePolicy[] } | { ignored: string } {
  const here = [...policies].filter(({ repository }) =>
    push.repositories.some((address) => sameRepository(address, repository)),
  );
  if (here.length === 0) return { ignored: 'no service comes from this repository.' };
  if (push.branch === undefined)
    return { ignored: 'it is no branch; only pushes to branches begin a release.' };
  if (push.deleted) return { ignored: 'the branch was deleted; nothing is there to release.' };
  const onBranch = here.filter(({ branch }) => branch === push.branch);
  const services = onBranch.filter(({ external }) => external === undefined);
  if (services.length > 0) return { services };
  if (onBranch.length > 0) return { ignored: 'an outside CI builds it, and hands its package over.' };
  const branches = here.map(({ service, branch }) => `${branch} for ${service}`).join(', ');
  return { ignored: `a release is made of ${branches} only, and this was another branch.` };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, sentence }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const allow = status === 405 ? { allow: 'POST' } : {};
  // A body that was not read to its end would be taken for the next request.
  const close = request.complete ? {} : { connection: 'close' };
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...allow,
    ...close,
  });
  response.end(`${sentence}\n`);
}
