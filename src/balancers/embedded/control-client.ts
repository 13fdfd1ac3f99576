import { request } from 'node:http';
import type { Fault } from '../../pipeline/domain/fault.ts';
import { faults } from '../../pipeline/domain/fault.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import type { ControlCalls } from './control-server.ts';

/** Nobody listens, or whoever did ended at this moment. Every call is idempotent, so asking the next one is safe. */
const gone = new Set<unknown>(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE']);

/** No balancer lives on this data directory. */
export class NobodyThere extends Error {}

/**
 * Asks the balancer behind `socket`. Throws {@link NobodyThere} when none lives there, the balancer's own refusal
 * as ProviderError, and `unreachable` when it does not answer within `limit` ms.
 */
export async function ask<Name extends keyof ControlCalls>(
  socket: string,
  name: Name,
  input: ControlCalls[Name],
  limit: number,
  signal?: AbortSignal,
): Promise<unknown> {
  const { status, value } = await post(socket, name, JSON.stringify(input), limit, signal);
  if (status === 200) return value;
  throw refusal(value);
}

function post(
  socketPath: string,
  name: string,
  text: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<{ status: number; value: unknown }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      const code = 'code' in error ? error.code : undefined;
      if (gone.has(code)) reject(new NobodyThere(error.message));
      else if (signal?.aborted)
        reject(new ProviderError('aborted', 'The call to the balancer was cancelled.'));
      else
        reject(
          new ProviderError('unreachable', `The balancer did not answer "${name}": ${error.message}.`, {
            cause: error,
          }),
        );
    };
    const asked = request(
      { socketPath, path: `/${name}`, method: 'POST', agent: false, ...(signal ? { signal } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          resolve({ status: response.statusCode ?? 0, value });
        });
      },
    );
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${limit} ms`)), limit);
    asked.on('error', fail);
    asked.end(text);
  });
}

function refusal(value: unknown): ProviderError {
  if (typeof value === 'object' && value !== null && 'fault' in value && 'sentence' in value)
    if (isFault(value.fault)) return new ProviderError(value.fault, String(value.sentence));
  return new ProviderError('bug', `The balancer answered something unknown: ${JSON.stringify(value)}`);
}

const isFault = (value: unknown): value is Fault => typeof value === 'string' && Object.hasOwn(faults, value);
