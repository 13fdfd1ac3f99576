import { type ClientRequest, get } from 'node:http';

export interface HealthOptions {
  /** Milliseconds between two looks. */
  every: number;
  /** Milliseconds that one look may take. */
  limit: number;
}

/**
 * Asks `address + path` again and again, each time on a connection of its own, and tells whether it answered with
 * a status below 400. Goes on until it is stopped.
 */
export function watchHealth(
  where: () => { address: string; path: string },
  options: HealthOptions,
  tell: (ok: boolean, because: string) => void,
): { now(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let asking: ClientRequest | undefined;
  let stopped = false;

  const ended = (ok: boolean, because: string): void => {
    asking = undefined;
    if (stopped) return;
    timer = setTimeout(look, options.every);
    tell(ok, because);
  };
  const look = (): void => {
    clearTimeout(timer);
    if (stopped || asking) return;
    const { address, path } = where();
    asking = ask(new URL(path, address), options.limit, ended);
  };
  look();
  return {
    now: look,
    stop() {
      stopped = true;
      clearTimeout(timer);
      asking?.destroy();
    },
  };
}

/** One look; `ended` is called once. */
function ask(url: URL, limit: number, ended: (ok: boolean, because: string) => void): ClientRequest {
  let over = false;
  const end = (ok: boolean, because: string): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    ended(ok, because);
  };
  const request = get(url, { agent: false, headers: { 'user-agent': 'bakery-balancer' } }, (response) => {
    const status = response.statusCode ?? 0;
    response.on('error', () => undefined).resume();
    end(status >= 200 && status < 400, `status ${status}`);
  });
  const timer = setTimeout(() => {
    end(false, `no answer within ${limit} ms`);
    request.destroy();
  }, limit);
  request.on('error', (error) => end(false, error.message));
  return request;
}
