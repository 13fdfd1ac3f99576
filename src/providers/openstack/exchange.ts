import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { ProviderError } from '../../pipeline/provider.ts';
import { told } from './faults.ts';

export interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** A file of this machine instead: sent as it is, and given a second more for each megabyte. */
  file?: string;
}

export interface Answer {
  status: number;
  text: string;
  /** Of a header that came once; the first of it otherwise. */
  header(name: string): string | undefined;
}

/** One HTTP request and its whole answer, whatever its status. */
export type Exchange = (ask: Ask, signal: AbortSignal) => Promise<Answer>;

const usual = 30_000;
/** The header by which each side names a request: services write the caller's into their logs beside their own. */
export const requestIdHeader = 'x-openstack-request-id';

/**
 * Requests over kept connections, each answered `within` so many milliseconds. `ca` is PEM text of the authorities to trust. Throws
 * `unreachable` when there is no whole answer, `aborted` when `signal` said so. Nothing is sent twice: whether a lost
 * request had an effect is for the caller to look. Each is sent under an id of ours, which stands for the service's
 * where that gave none.
 */
export function httpExchange(ca?: string, within = usual): Exchange & { close(): Promise<void> } {
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  const exchange: Exchange = async (ask, signal) => {
    const { method, url } = ask;
    const { size, body } = await bodyOf(ask);
    const requestId = `req-${randomUUID()}`;
    const headers = { accept: 'application/json', [requestIdHeader]: requestId, ...ask.headers, ...size };
    const longest = within + Number(size['content-length'] ?? 0) / 1_000;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.round(longest))]);
    try {
      const reply = await request(url, { dispatcher, method, headers, body, signal: limit });
      const text = await reply.body.text();
      const given: Record<string, string | string[] | undefined> = {
        [requestIdHeader]: requestId,
        ...reply.headers,
      };
      return { status: reply.statusCode, text, header: (name) => [given[name]].flat()[0] };
    } catch (cause) {
      const { host } = new URL(url);
      throw signal.aborted
        ? new ProviderError('aborted', `The request to ${host} was cancelled${told(requestId)}.`, { cause })
        : new ProviderError(
            'unreachable',
            `OpenStack did not answer at ${host}${told(requestId)}. Bakery looks again.`,
            { cause },
          );
    }
  };
  return Object.assign(exchange, { close: () => dispatcher.destroy() });
}

async function bodyOf({ body, file }: Ask) {
  if (file === undefined) return { size: {}, body: body ?? null };
  const { size } = await stat(file);
  return { size: { 'content-length': String(size) }, body: createReadStream(file) };
}
