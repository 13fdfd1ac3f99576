import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Millis } from '../pipeline/domain/time.ts';
import type { Metrics } from './metrics.ts';

/** What is well, and has something to tell all the same. */
export interface Note {
  note: string;
}

/** One thing that has to be well before requests are served. Throws with a sentence when it is not. */
export interface Check {
  name: string;
  check(): Promise<void> | void | Note;
}

/** What one check came to. */
interface Finding {
  name: string;
  ok: boolean;
  sentence: string;
}

interface Page {
  status: number;
  body: string;
  type: string;
}

const checkLimit: Millis = 2000;

/** Handles `/healthz`, `/readyz` and `/metrics`; false, and nothing done, for any other path. Never throws. */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/**
 * `/healthz` says that the process answers. `/readyz` runs all checks at once: 200 when all are fine, else 503, with
 * a list of `{name, ok, sentence}`. `/metrics` is for Prometheus; `before` brings it up to date. A check that takes
 * longer than `limit` (2 s) is not fine.
 */
export function healthRoutes(
  checks: () => readonly Check[],
  { registry }: Pick<Metrics, 'registry'>,
  before: () => Promise<void> = async () => undefined,
  limit: Millis = checkLimit,
): HealthHandler {
  const pages: Record<string, () => Promise<Page>> = {
    '/healthz': async () => page(200, 'ok\n', 'text/plain; charset=utf-8'),
    '/readyz': async () => {
      const found = await Promise.all(checks().map((check) => finding(check, limit)));
      const ready = found.every(({ ok }) => ok);
      return page(
        ready ? 200 : 503,
        `${JSON.stringify({ ready, checks: found }, null, 2)}\n`,
        'application/json',
      );
    },
    '/metrics': async () => {
      await before();
      return page(200, await registry.metrics(), registry.contentType);
    },
  };
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const make = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (make === undefined) return false;
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const made = reading ? await make().catch(() => unread) : notAllowed;
    response.writeHead(made.status, { 'content-type': made.type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : made.body);
    return true;
  };
}

async function finding({ name, check }: Check, limit: Millis): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not answer within ${limit / 1000} s.`)), limit);
  });
  try {
    const told = await Promise.race([Promise.resolve().then(check), late]);
    return { name, ok: true, sentence: typeof told === 'object' ? told.note : 'Fine.' };
  } catch (error) {
    return {
      name,
      ok: false,
      sentence: error instanceof Error ? error.message.slice(0, 500) : String(error),
    };
  } finally {
    clearTimeout(timer);
  }
}

const page = (status: number, body: string, type: string): Page => ({ status, body, type });
const notAllowed = page(405, 'Only GET and HEAD are answered here.\n', 'text/plain; charset=utf-8');
const unread = page(500, 'The numbers cannot be read; see the log.\n', 'text/plain; charset=utf-8');
