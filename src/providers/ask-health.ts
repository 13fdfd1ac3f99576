import { get } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheck } from '../pipeline/domain/service-file.ts';
import type { Millis } from '../pipeline/domain/time.ts';

const longest: Millis = 2_000;

/** By HTTP, or by a connection alone. Undefined when it is well, otherwise why not. */
export const askInstance = (
  address: string,
  { path, by }: Pick<HealthCheck, 'path' | 'by'>,
  signal: AbortSignal,
): Promise<string | undefined> =>
  by === 'tcp' ? askPort(address, signal) : askHealth(address, path, signal);

const askPort = (address: string, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const within = AbortSignal.any([signal, AbortSignal.timeout(longest)]);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), signal: within });
    const end = (because: string | undefined): void => {
      socket.destroy();
      resolve(because);
    };
    socket.once('connect', () => end(undefined));
    socket.once('error', (error) => end(`its port: ${error.message}`));
  });

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
