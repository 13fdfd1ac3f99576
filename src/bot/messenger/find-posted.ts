import type { Message } from '../../pipeline/outbox.ts';
import { troubleOf } from '../slack-error.ts';
import type { Desk } from './desk.ts';

interface Where {
  channel: string;
  /** The card's ts, for a note in its thread. */
  thread?: string;
}

/** `cannot tell`: Slack did not answer, so that posting now might make a second one. */
export type Found = { ts: string; channel: string } | 'not there' | 'cannot tell';

export const eventType = 'bakery_message';

/** Looks for a message by the key in its metadata, where the app may read history. */
export async function findPosted(desk: Desk, message: Message, where: Where): Promise<Found> {
  if (desk.blind) return 'not there';
  try {
    const query = { channel: where.channel, limit: 100, include_all_metadata: true };
    const { messages } =
      where.thread === undefined
        ? await desk.client.conversations.history(query)
        : await desk.client.conversations.replies({ ...query, ts: where.thread });
    const ts = (messages ?? []).find((one) => keysIn(one).includes(message.key))?.ts;
    return ts === undefined ? 'not there' : { ts, channel: where.channel };
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.is === 'missing scope') desk.blind = true;
    return trouble.is === 'rate limited' || trouble.is === 'busy' || trouble.is === 'unknown outcome'
      ? 'cannot tell'
      : 'not there';
  }
}

function keysIn(message: { metadata?: { event_type?: string; event_payload?: object } }): unknown[] {
  const { metadata } = message;
  if (metadata?.event_type !== eventType || metadata.event_payload === undefined) return [];
  const { key, also }: { key?: unknown; also?: unknown } = metadata.event_payload;
  const others: unknown[] = Array.isArray(also) ? also : [];
  return [key, ...others.map((one) => (isRecord(one) ? one.key : undefined))];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
