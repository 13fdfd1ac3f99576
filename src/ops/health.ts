import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';

/** One thing that has to be well. Throws with a sentence when it is not. */
export interface Check {
  name: string;
  check(): Promise<void> | void;
}

/** A check that does not answer is not well. */
const checkLimit = 2_000;

/** Answers `/healthz`, `/readyz` and `/metrics`; false for every other path. */
export function healthRoutes(checks: () => Check[], metrics: Metrics, before: () => Promise<void>) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        answer(response, 200, { alive: true });
        return true;
      case '/readyz': {
        const results = await Promise.all(checks().map(run));
        answer(response, results.every(({ ok }) => ok) ? 200 : 503, { checks: results });
        return true;
      }
      case '/metrics':
        await before();
        response.writeHead(200, { 'content-type': metrics.registry.contentType });
        response.end(await metrics.registry.metrics());
        return true;
      default:
        return false;
    }
  };
}

async function run({ name, check }: Check): Promise<{ name: string; ok: boolean; says?: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It did not answer within 2 s.')), checkLimit);
  });
  try {
    await Promise.race([Promise.resolve().then(check), late]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, says: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
