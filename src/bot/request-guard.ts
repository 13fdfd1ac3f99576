import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { HTTPModuleFunctions, isValidSlackRequest } from '@slack/bolt';
import type { At } from '../pipeline/domain/time.ts';
import type { Log } from './log.ts';
import { createSeen, type Seen } from './seen.ts';

const fiveMinutes = 5 * 60_000;
/** How far Slack's clock may be before ours. */
const skew = 60_000;
/** Slack waits so long for an answer. */
const patience = 3_000;
const bodyLimit = 1024 * 1024;

/** A Slack app: what it signs with, and what takes its requests. */
export interface SignedDoor {
  secret: string;
  listener: RequestListener;
}

interface Guarded {
  /** All that requests may be signed for; the first takes what is not signed by its nature. */
  doors: readonly [SignedDoor, ...SignedDoor[]];
  path: string;
  now: () => At;
  log: Log;
  /** True the first time that a signature is seen, as the ledger remembers it: also over a restart. */
  firstTime?: ((id: string) => Promise<boolean>) | undefined;
}

/**
 * Stands before Bolt's receiver, which refuses old stamps only: refuses stamps of the future and a signature that was
 * seen before as well, so that a captured request cannot be played again. Which app it is from is told by the secret that
 * it is signed with, never by what stands in it.
 */
export function guardRequests(guarded: Guarded): RequestListener {
  const [first] = guarded.doors;
  const memory = { seen: createSeen(fiveMinutes + skew), asking: createSeen(patience) };
  return (request, response) => {
    if (request.method !== 'POST' || pathOf(request) !== guarded.path) {
      first.listener(request, response);
      return;
    }
    check(guarded, memory, request).then(
      (found) => {
        if (typeof found === 'string') refuse(guarded, request, response, found);
        else found.listener(request, response);
      },
      (error: unknown) => refuse(guarded, request, response, `unreadable: ${String(error)}`),
    );
  };
}

const pathOf = (request: IncomingMessage): string => new URL(request.url ?? '/', 'http://localhost').pathname;

function refuse({ log }: Guarded, request: IncomingMessage, response: ServerResponse, problem: string): void {
  log.warn({ problem }, 'refused a request to the Slack endpoint');
  // What was not read to its end is not waited for: whoever sends without end would hold the connection.
  if (!response.headersSent) response.writeHead(401, request.complete ? {} : { connection: 'close' });
  response.end(() => {
    if (!request.complete) request.destroy();
  });
}

/** Where it goes, or why nowhere. */
async function check(
  { doors, now, log, firstTime }: Guarded,
  memory: Memory,
  request: IncomingMessage,
): Promise<SignedDoor | string> {
  // Bolt takes the buffered body from the request, so it is read only once.
  const { rawBody } = await HTTPModuleFunctions.bufferIncomingMessage(request, bodyLimit);
  const body = rawBody.toString();
  if (isSslCheck(request, body)) return doors[0];
  const signature = request.headers['x-slack-signature'];
  const stamp = Number(request.headers['x-slack-request-timestamp']);
  if (typeof signature !== 'string' || !Number.isFinite(stamp)) return 'it is not signed';
  const at = now();
  if (stamp * 1000 > at + skew) return 'its time lies in the future';
  const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': stamp } as const;
  // All are tried, each in constant time: how long it takes tells nothing of which one fits.
  const [door] = doors.filter(({ secret }) =>
    isValidSlackRequest({ signingSecret: secret, body, headers, nowMilliseconds: at }),
  );
  if (door === undefined) return 'its signature is wrong or too old';
  const isNew = isSuggestion(body)
    ? mayAsk(memory, signature, at)
    : !memory.seen.again(signature, at) && (await (firstTime?.(signature) ?? true));
  if (isNew) return door;
  log.info({}, 'a Slack request came a second time');
  return 'it was seen before';
}

interface Memory {
  seen: Seen;
  /** Selects that Slack may still wait for. */
  asking: Seen;
}

/**
 * What a select asks while somebody types has nothing that tells it from the same letter typed twice within a second, and
 * changes nothing: it may come again as long as Slack waits for it. It is remembered here alone, so that no keystroke
 * waits for the ledger.
 */
function mayAsk({ seen, asking }: Memory, signature: string, at: At): boolean {
  if (seen.again(signature, at)) return asking.has(signature, at);
  asking.again(signature, at);
  return true;
}

function isSuggestion(body: string): boolean {
  try {
    const payload: unknown = JSON.parse(new URLSearchParams(body).get('payload') ?? 'null');
    return (
      typeof payload === 'object' &&
      payload !== null &&
      'type' in payload &&
      payload.type === 'block_suggestion'
    );
  } catch {
    return false;
  }
}

/** Slack's own check of the certificate is not signed; Bolt strips everything else from it. */
const isSslCheck = (request: IncomingMessage, body: string): boolean =>
  request.headers['content-type'] === 'application/x-www-form-urlencoded' &&
  new URLSearchParams(body).get('ssl_check') === '1';
