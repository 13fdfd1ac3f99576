import type { IncomingMessage } from 'node:http';
import type { Millis } from '../pipeline/domain/time.ts';

/** Largest body of a webhook, in bytes. */
export const bodyLimit = 1024 * 1024;
const patience: Millis = 10_000;

/** The raw body; `too large` above the limit, `too slow` when it does not arrive within 10 s or breaks off. */
export function readBody(request: IncomingMessage): Promise<Buffer | 'too large' | 'too slow'> {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) return Promise.resolve('too large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => end('too slow'), patience);
    const end = (result: Buffer | 'too large' | 'too slow'): void => {
      clearTimeout(timer);
      request.removeAllListeners('data');
      resolve(result);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) end('too large');
      else chunks.push(chunk);
    });
    request.once('end', () => end(Buffer.concat(chunks)));
    request.once('error', () => end('too slow'));
    request.once('aborted', () => end('too slow'));
  });
}
