import type { Fields } from '../types.ts';

/** What is sent, as Socket Mode names it. */
export type EnvelopeKind = 'slash_commands' | 'interactive' | 'events_api';

/** How the bot answered: acknowledged, with or without a body, or Slack's word for why not. */
export type Ack =
  | { readonly ok: true; readonly body?: Fields | string }
  | { readonly ok: false; readonly error: 'operation_timeout' | 'dispatch_failed'; readonly detail: string };

/** Which retry of an event it is, from 1, and what came of the attempt before it. */
export interface Retry {
  readonly number: number;
  readonly reason: 'operation_timeout' | 'dispatch_failed';
}

/** A way to the bot. It always resolves; what goes wrong is in the Ack. */
export interface Delivery {
  send(kind: EnvelopeKind, payload: Fields, retry?: Retry): Promise<Ack>;
}

/** The Ack of a bot that said nothing in time. */
export function tooLate(milliseconds: number): Ack {
  const detail = `The bot did not acknowledge within ${milliseconds} ms.`;
  return { ok: false, error: 'operation_timeout', detail };
}
