import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Readable, Transform } from 'node:stream';
import * as z from 'zod';
import { isRefusal } from '../pipeline/domain/command.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { isRef } from '../pipeline/domain/ref.ts';
import type { At, Digest } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { ProviderError } from '../pipeline/provider.ts';
import { readBody } from './body.ts';
import { bakerySigned } from './signature.ts';

export interface SubmitParts {
  pipeline: Pick<Pipeline, 'requestRelease'>;
  policy(service: string): ServicePolicy | undefined;
  secret(reference: string): Promise<string>;
  /** Stores bytes; resolves to their digest and number. */
  put(bytes: Readable): Promise<{ digest: Digest; size: number }>;
  has(digest: Digest): Promise<boolean>;
  now(): At;
  /** True the first time it is asked for this delivery, false ever after. */
  firstTime(source: string, id: string): Promise<boolean>;
}

interface Reply {
  status: number;
  sentence: string;
}
const reply = (status: number, sentence: string): Reply => ({ status, sentence });

/** Bytes that a test report may have. */
const largestReport = 16 * 1024 * 1024;
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const submission = z.strictObject({
  /** Tells this submission from another of the same within a second. */
  id: z.string().min(8).max(100).optional(),
  commit: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
  ref: z.string().max(300).refine(isRef).optional(),
  package: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,199}$/),
    digest,
    size: z.int().min(1),
  }),
  reports: z.array(digest).max(50).default([]),
  /** Why it is a hotfix: what waits for a person gives way to it. */
  hotfix: z.string().trim().min(3).max(500).optional(),
});

/**
 * Where an outside CI hands over what it has built: `GET /submit/<service>/<digest>` tells whether the store has those
 * bytes, `PUT` of it stores the package and each test report; then `POST /submit/<service>` with what they are. Both are signed with the service's own key; nothing is
 * stored or read before that. Returns false, and does nothing, for any other path.
 */
export function submissions(parts: SubmitParts) {
  const failed = new Set<string>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!path.startsWith('/submit/')) return false;
    const answer = await answerTo(request, path, parts, failed).catch((error: unknown) =>
      error instanceof ProviderError
        ? reply(507, error.message)
        : reply(500, 'Bakery failed at this submission; nothing was begun; submit it again.'),
    );
    if (response.headersSent || response.destroyed) return true;
    // A body that was not read to its end would be taken for the next request.
    const close = request.complete ? {} : { connection: 'close' };
    response.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8', ...close });
    response.end(`${answer.sentence}\n`);
    return true;
  };
}

async function answerTo(
  request: IncomingMessage,
  path: string,
  parts: SubmitParts,
  failed: Set<string>,
): Promise<Reply> {
  const [, service = '', wanted] =
    /^\/submit\/([a-z][a-z0-9-]{0,39})(?:\/(sha256:[0-9a-f]{64}))?$/.exec(path) ?? [];
  const external = parts.policy(service)?.external;
  if (external === undefined)
    return reply(404, 'No such service takes packages here; name `external` in its services/*.yaml.');
  const key = await parts.secret(external.key);
  if (wanted !== undefined && (request.method === 'PUT' || request.method === 'GET'))
    return upload(request, { service, wanted, key, largest: external.largest }, parts);
  if (wanted === undefined && request.method === 'POST') return submit(request, service, key, parts, failed);
  return reply(405, 'A package is PUT under its digest, and then POSTed with its commit.');
}

const unsigned = reply(401, 'The signature does not hold; check the key on both sides, and the clocks.');

const signature = ({ headers }: IncomingMessage): string => {
  const value = headers['x-bakery-signature'];
  return typeof value === 'string' ? value.slice(0, 500) : '';
};

/** What is signed of an upload: its bytes are named by the digest in the path. */
export const uploadText = (service: string, of: string): string => `PUT /submit/${service}/${of}`;

async function upload(
  request: IncomingMessage,
  { service, wanted, key, largest }: { service: string; wanted: Digest; key: string; largest: number },
  { put, has, now }: SubmitParts,
): Promise<Reply> {
  const signed = bakerySigned(key, Buffer.from(uploadText(service, wanted)), signature(request), now());
  if (signed === undefined) return unsigned;
  if (request.method === 'GET')
    return (await has(wanted)) ? reply(200, 'The store has it.') : reply(404, 'The store does not have it.');
  const most = Math.max(largest, largestReport);
  if (Number(request.headers['content-length'] ?? 0) > most) return tooLarge(most);
  const bounded = atMost(most);
  // What ends too early, or is too much, ends the reading of it with an error.
  pipeline(request, bounded, () => undefined);
  const [stored] = await Promise.allSettled([put(bounded)]);
  if (bounded.passed > most) return tooLarge(most);
  if (stored.status === 'rejected') {
    if (stored.reason instanceof ProviderError) throw stored.reason;
    return reply(408, 'The bytes did not all arrive; send them again.');
  }
  if (stored.value.digest !== wanted)
    return reply(400, 'The bytes that arrived have another digest, and are not used; send them again.');
  return reply(201, 'Stored.');
}

const tooLarge = (most: number): Reply =>
  reply(
    413,
    `It is larger than ${most} bytes; raise \`external.largest\` in the service's file, or send less.`,
  );

/** Lets bytes through, up to a number. */
function atMost(most: number): Transform & { passed: number } {
  const bounded = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      made.passed += bytes.length;
      done(made.passed > most ? new Error('too large') : null, bytes);
    },
  });
  const made = Object.assign(bounded, { passed: 0 });
  return made;
}

async function submit(
  request: IncomingMessage,
  service: string,
  key: string,
  parts: SubmitParts,
  failed: Set<string>,
): Promise<Reply> {
  const body = await readBody(request);
  if (body === 'too large') return reply(413, 'The body is larger than 1 MiB; send less.');
  if (body === 'too slow') return reply(408, 'The body did not arrive within 10 s; send it again.');
  const delivery = bakerySigned(key, body, signature(request), parts.now());
  if (delivery === undefined) return unsigned;
  const parsed = submission.safeParse(parsedBody(body));
  if (!parsed.success)
    return reply(
      400,
      `This is no submission: ${parsed.error.issues.map(({ path }) => path.join('.') || 'the body').join(', ')} is missing or wrong.`,
    );
  const { commit, ref, package: made, reports, hotfix } = parsed.data;
  for (const needed of [made.digest, ...reports])
    if (!(await parts.has(needed)))
      return reply(409, `The store does not have ${needed}; upload it first, then submit again.`);
  if (!(await parts.firstTime('ci', delivery)) && !failed.delete(delivery))
    return reply(200, 'This submission was seen before; nothing was done again.');
  const answer = await parts.pipeline
    .requestRelease({
      service,
      by: { kind: 'webhook', source: 'ci', delivery },
      ...(ref === undefined ? {} : { ref }),
      ...(hotfix === undefined ? {} : { hotfix }),
      submitted: { sha: commit, package: made, reports },
    })
    .catch((error: unknown) => {
      remember(failed, delivery);
      throw error;
    });
  if (!isRefusal(answer)) return reply(202, answer.sentence);
  // The answer to the first one may have been lost: nothing is wrong.
  return reply(answer.refused === 'already there' ? 200 : 409, answer.sentence);
}

/** Keeps what failed, so that it can be sent again. Bounded. */
function remember(failed: Set<string>, delivery: string): void {
  if (failed.size >= 1000) failed.clear();
  failed.add(delivery);
}

function parsedBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
