import { createHmac } from 'node:crypto';
import { asFields, isFields, parseJson } from '../fields.ts';
import type { Fields } from '../types.ts';
import { type Ack, type Delivery, type EnvelopeKind, type Retry, tooLate } from './delivery.ts';

interface Options {
  readonly url: string;
  readonly signingSecret: string;
  readonly ackTimeoutMs: number;
}

/** Posts to the bot's request URL, signed as Slack signs. */
export class SignedHttpDelivery implements Delivery {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async send(kind: EnvelopeKind, payload: Fields, retry?: Retry): Promise<Ack> {
    const { url, signingSecret, ackTimeoutMs } = this.#options;
    const { body, contentType } = encode(kind, payload);
    // The machine's own clock, never the simulator's: the bot checks the stamp's age against its own.
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers = {
      'content-type': contentType,
      'user-agent': 'Slackbot 1.0 (simulator)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': slackSignature(signingSecret, timestamp, body),
      ...(retry === undefined ? {} : retryHeaders(retry)),
    };
    try {
      const signal = AbortSignal.timeout(ackTimeoutMs);
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      const answer = await response.text();
      if (response.status !== 200) return failed(`The bot answered with status ${response.status}.`);
      return readAck(answer, response.headers.get('content-type') ?? '');
    } catch (error) {
      if (asFields(error).name === 'TimeoutError') return tooLate(ackTimeoutMs);
      return failed('The bot cannot be reached at its request URL. Is it running?');
    }
  }
}

/** `v0=` and the HMAC-SHA256 over `v0:timestamp:body` in hex. */
export function slackSignature(signingSecret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

const retryHeaders = ({ number, reason }: Retry): Record<string, string> => ({
  'x-slack-retry-num': String(number),
  'x-slack-retry-reason': reason === 'operation_timeout' ? 'http_timeout' : 'http_error',
});

function encode(kind: EnvelopeKind, payload: Fields) {
  const form = 'application/x-www-form-urlencoded';
  if (kind === 'events_api') return { body: JSON.stringify(payload), contentType: 'application/json' };
  if (kind === 'interactive') {
    return { body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), contentType: form };
  }
  const fields = Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)]);
  return { body: new URLSearchParams(fields).toString(), contentType: form };
}

function readAck(answer: string, contentType: string): Ack {
  if (answer === '') return { ok: true };
  const json = contentType.includes('json') ? parseJson(answer) : undefined;
  return { ok: true, body: isFields(json) ? json : answer };
}

function failed(detail: string): Ack {
  return { ok: false, error: 'dispatch_failed', detail };
}
