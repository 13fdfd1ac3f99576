import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Millis } from '../pipeline/domain/time.ts';

/** One thing that must be so before requests are served. Throws, or answers a sentence, when it is not. */
export interface Check {
  name: string;
  /** Undefined when all is well; else what is wrong and what to do. */
  look(): Promise<string | undefined>;
}

/** What one check came to. */
export interface Finding {
  name: string;
  ok: boolean;
  sentence: string;
}

const checkLimit: Millis = 2000;

/** Runs all checks at once, each with a limit (2 s, in milliseconds). Never throws. */
export async function findings(checks: readonly Check[], limit: Millis = checkLimit): Promise<Finding[]> {
  return Promise.all(checks.map((check) => finding(check, limit)));
}

async function finding({ name, look }: Check, limit: Millis): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`It did not answer within ${limit / 1000} s.`), limit);
  });
  try {
    const wrong = await Promise.race([look(), late]);
    return { name, ok: wrong === undefined, sentence: wrong ?? 'Fine.' };
  } catch (error) {
    return { name, ok: false, sentence: error instanceof Error ? error.message.slice(0, 500) : 'It failed.' };
  } finally {
    clearTimeout(timer);
  }
}

export interface HealthParts {
  checks: readonly Check[];
  registry: Registry;
  limit?: Millis;
}

/** Handles `/healthz`, `/readyz` and `/metrics`; false, and nothing done, for any other path. Never throws. */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/**
 * `/healthz` says that the process answers. `/readyz` runs the checks: 200 when all are fine, else 503, with a list
 * of `{name, ok, sentence}`. `/metrics` is for Prometheus.
 */
export function health({ checks, registry, limit }: HealthParts): HealthHandler {
  const pages: Record<string, () => Promise<Page>> = {
    '/healthz': async () => page(200, 'ok\n', 'text/plain; charset=utf-8'),
    '/readyz': async () => {
      const found = await findings(checks, limit);
      const ready = found.every(({ ok }) => ok);
      return page(
        ready ? 200 : 503,
        `${JSON.stringify({ ready, checks: found }, null, 2)}\n`,
        'application/json',
      );
    },
    '/metrics': async () => page(200, await registry.metrics(), registry.contentType),
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

interface Page {
  status: number;
  body: string;
  type: string;
}

const page = (status: number, body: string, type: string): Page => ({ status, body, type });
const notAllowed = page(405, 'Only GET and HEAD are answered here.\n', 'text/plain; charset=utf-8');
const unread = page(500, 'The numbers cannot be read; see the log.\n', 'text/plain; charset=utf-8');
