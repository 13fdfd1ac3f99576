import type { Message } from '../../pipeline/outbox.ts';
import { troubleOf } from '../slack-error.ts';
import { context } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { shorter } from '../views/limits.ts';
import { backoff } from './budget.ts';
import { type Desk, isPaused, lose, remembered } from './desk.ts';
import { eventType, findPosted } from './find-posted.ts';
import { hashOf } from './render.ts';
import { handleTrouble } from './trouble.ts';

/** How long a channel that cannot be posted to is left alone. */
const downFor = 5 * 60_000;

interface Thread {
  channel: string;
  ts: string;
  broadcast: boolean;
  /** Keys of the notes that the same message shows. */
  also?: string[];
}

/**
 * Posts a message that Slack does not show yet: a card, or a note in its thread. Returns whether it is shown now;
 * when it is not, it stays in the outbox.
 */
export async function post(desk: Desk, message: Message, drawing: Drawn, thread?: Thread): Promise<boolean> {
  const channel = thread?.channel ?? channelFor(desk, message);
  if (isPaused(desk, 'chat.postMessage')) return false;
  const known = remembered(desk, message.key);
  // Slack took it, but the ledger could not be told.
  if (known.at !== undefined) return found(desk, message, known.at);
  if (known.uncertain || desk.inherited.has(message.key)) {
    const where = thread === undefined ? { channel } : { channel, thread: thread.ts };
    const there = await findPosted(desk, message, where);
    if (there === 'cannot tell' && message.tries < 8) {
      await desk.pipeline.outbox.postponed(message.key, backoff(message.tries));
      return false;
    }
    known.uncertain = false;
    desk.inherited.delete(message.key);
    if (typeof there === 'object') return found(desk, message, there);
  }
  if (!desk.posts.take(channel, desk.now(), thread?.broadcast ?? true)) return false;
  return send(desk, message, drawing, channel, thread);
}

/** Keys as Slack's metadata can hold a list of them. */
const also = (thread: Thread | undefined): { also?: { key: string }[] } =>
  thread?.also === undefined || thread.also.length === 0 ? {} : { also: thread.also.map((key) => ({ key })) };

async function send(
  desk: Desk,
  message: Message,
  drawing: Drawn,
  channel: string,
  thread?: Thread,
): Promise<boolean> {
  const { text, blocks } = asSent(desk, message.key, drawing);
  let at: { channel: string; ts: string };
  try {
    const answer = await desk.client.chat.postMessage({
      channel,
      text,
      blocks,
      unfurl_links: false,
      unfurl_media: false,
      metadata: {
        event_type: eventType,
        event_payload: { key: message.key, ...also(thread) },
      },
      ...(thread === undefined
        ? {}
        : thread.broadcast
          ? { thread_ts: thread.ts, reply_broadcast: true }
          : { thread_ts: thread.ts }),
    });
    at = { channel: answer.channel ?? channel, ts: answer.ts ?? '' };
  } catch (error) {
    return refused(desk, message, drawing, channel, thread, error);
  }
  return taken(desk, message, drawing, at);
}

async function refused(
  desk: Desk,
  message: Message,
  drawing: Drawn,
  channel: string,
  thread: Thread | undefined,
  error: unknown,
): Promise<boolean> {
  const trouble = troubleOf(error);
  const known = remembered(desk, message.key);
  if (trouble.is === 'too long' && (known.tooLong ?? 0) < 2) {
    known.tooLong = (known.tooLong ?? 0) + 1;
    return send(desk, message, drawing, channel, thread);
  }
  if (trouble.is === 'channel' && thread === undefined && channel !== desk.defaultChannel) {
    desk.log.warn({ channel, code: trouble.code }, 'a channel cannot be posted to: the default one is used');
    desk.down.set(channel, { why: trouble.code, until: desk.now() + downFor });
    known.redirected = trouble.code;
    return send(desk, message, drawing, desk.defaultChannel);
  }
  if (thread !== undefined && (trouble.is === 'message gone' || trouble.is === 'channel')) {
    // The card is gone, or its channel is: it is posted anew first, where it can be.
    if (message.content.kind === 'note') await lose(desk, message.content.card);
    await desk.pipeline.outbox.postponed(message.key, backoff(message.tries));
    return false;
  }
  await handleTrouble(desk, message, 'chat.postMessage', trouble);
  return false;
}

async function taken(
  desk: Desk,
  message: Message,
  drawing: Drawn,
  at: { channel: string; ts: string },
): Promise<boolean> {
  const known = remembered(desk, message.key);
  delete desk.locked;
  desk.homeless.delete(message.key);
  known.drawnAt = desk.now();
  known.text = drawing.text;
  known.at = at;
  await desk.pipeline.outbox.shown(message.key, { ...at, hash: hashOf(drawing), revision: message.revision });
  return true;
}

/** Slack shows it, as it looked when it was posted: a card is still to be brought up to date. */
async function found(desk: Desk, message: Message, at: { channel: string; ts: string }): Promise<boolean> {
  remembered(desk, message.key).at = at;
  const stale = message.content.kind === 'note' ? 0 : 1;
  await desk.pipeline.outbox.shown(message.key, { ...at, hash: '', revision: message.revision - stale });
  return true;
}

function channelFor(desk: Desk, message: Message): string {
  const down = desk.down.get(message.channel);
  const known = remembered(desk, message.key);
  if (down === undefined || down.until <= desk.now()) {
    desk.down.delete(message.channel);
    delete known.redirected;
    return message.channel;
  }
  known.redirected = down.why;
  return desk.defaultChannel;
}

/** The drawing as Slack gets it: shortened when Slack found it too long, with a word when it is not at home. */
export function asSent(desk: Desk, key: string, drawing: Drawn): Drawn {
  const known = remembered(desk, key);
  const short = (known.tooLong ?? 0) > 0 ? shorter(drawing) : drawing;
  const blocks =
    (known.tooLong ?? 0) > 1
      ? short.blocks.filter((one) => one.type !== 'section').slice(0, 5)
      : short.blocks;
  if (known.redirected === undefined) return { text: short.text, blocks };
  return {
    text: short.text,
    blocks: [
      ...blocks.slice(0, 49),
      context(
        `It stands here because Bakery cannot post to its own channel (\`${known.redirected}\`): invite it there.`,
      ),
    ],
  };
}
