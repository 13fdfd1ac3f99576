import { Agent, request } from 'undici';
import { ProviderError } from '../../pipeline/provider.ts';

export interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Answer {
  status: number;
  text: string;
  /** Of a header that came once; the first of it otherwise. */
  header(name: string): string | undefined;
}

/** One HTTP request and its whole answer, whatever its status. */
export type Exchange = (ask: Ask, signal: AbortSignal) => Promise<Answer>;

const within = 30_000;

/**
 * Requests over kept connections, each answered within 30 s. `ca` is PEM text of the authorities to trust. Throws
 * `unreachable` when there is no whole answer, `aborted` when `signal` said so. Nothing is sent twice: whether a lost
 * request had an effect is for the caller to look.
 */
export function httpExchange(ca?: string): Exchange & { close(): Promise<void> } {
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  const exchange: Exchange = async (ask, signal) => {
    const { method, url, body } = ask;
    const headers = { accept: 'application/json', ...ask.headers };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(within)]);
    try {
      const reply = await request(url, { dispatcher, method, headers, body: body ?? null, signal: limit });
      const text = await reply.body.text();
      return { status: reply.statusCode, text, header: (name) => [reply.headers[name]].flat()[0] };
    } catch (cause) {
      const { host } = new URL(url);
      throw signal.aborted
        ? new ProviderError('aborted', `The request to ${host} was cancelled.`, { cause })
        : new ProviderError('unreachable', `OpenStack did not answer at ${host}. Bakery looks again.`, {
            cause,
          });
    }
  };
  return Object.assign(exchange, { close: () => dispatcher.destroy() });
}
