import { get } from 'node:http';
import type { Millis } from '../pipeline/domain/time.ts';

const longest: Millis = 2_000;

/**
 * Asks an instance how it is: undefined when it answers 2xx within two seconds, otherwise why not. A connection of
 * its own each time, so that none is kept open that the instance would have to wait for when it stops. `address` is
 * the instance's, like `http://127.0.0.1:41237`.
 */
export const askHealth = (address: string, path: string, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(longest)]);
    const request = get(new URL(path, address), { agent: false, signal: within }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300 ? undefined : `GET ${path} answered ${status}`);
      response.once('error', () => {});
    });
    request.once('error', (error) => {
      const late = error.name === 'AbortError' || error.name === 'TimeoutError';
      resolve(
        late ? `GET ${path} did not answer within ${longest / 1000} s` : `GET ${path}: ${error.message}`,
      );
    });
  });
