import type { Millis } from '../../pipeline/domain/time.ts';
import { troubleOf } from '../slack-error.ts';
import type { Card } from '../views/drawn.ts';
import { type Desk, isPaused, lose, remembered } from './desk.ts';
import { asSent } from './post.ts';
import { type CardMessage, hashOf } from './render.ts';
import { handleTrouble } from './trouble.ts';

/** Between two edits of a card that only goes on. */
const progressEvery: Millis = 3000;

/** Brings a posted card up to its view: nothing when it is, later when it is only progress, else now. */
export async function edit(
  desk: Desk,
  message: CardMessage,
  card: Card,
  posted: { channel: string; ts: string },
): Promise<void> {
  const known = remembered(desk, message.key);
  known.moving = card.moving;
  known.at = posted;
  known.drawn = message.revision;
  known.waits = false;
  const hash = hashOf(card);
  if (hash === message.shown) {
    delete known.hurried;
    await desk.pipeline.outbox.shown(message.key, { ...posted, hash, revision: message.revision });
    return;
  }
  const urgent = known.hurried === true || ((card.final || card.needsPerson) && known.text !== card.text);
  known.waits = !urgent;
  if (!urgent && (known.frozen || desk.now() - (known.drawnAt ?? 0) < progressEvery)) return;
  if (isPaused(desk, 'chat.update') || !desk.edits.take(desk.now(), urgent)) return;
  await update(desk, message, card, posted);
}

async function update(
  desk: Desk,
  message: CardMessage,
  card: Card,
  posted: { channel: string; ts: string },
): Promise<void> {
  const known = remembered(desk, message.key);
  try {
    await desk.client.chat.update({ ...posted, ...asSent(desk, message.key, card) });
  } catch (error) {
    await refused(desk, message, card, posted, error);
    return;
  }
  delete desk.locked;
  delete known.hurried;
  known.drawnAt = desk.now();
  known.text = card.text;
  await desk.pipeline.outbox.shown(message.key, {
    ...posted,
    hash: hashOf(card),
    revision: message.revision,
  });
}

async function refused(
  desk: Desk,
  message: CardMessage,
  card: Card,
  posted: { channel: string; ts: string },
  error: unknown,
): Promise<void> {
  const trouble = troubleOf(error);
  const known = remembered(desk, message.key);
  if (trouble.is === 'too long' && (known.tooLong ?? 0) < 2) {
    known.tooLong = (known.tooLong ?? 0) + 1;
    await update(desk, message, card, posted);
    return;
  }
  if (trouble.is === 'message gone' || trouble.is === 'not editable' || trouble.is === 'channel') {
    desk.log.warn({ key: message.key, code: trouble.code }, 'a card cannot be edited: it is posted anew');
    if (trouble.is === 'not editable') known.frozen = true;
    if (trouble.is === 'channel') {
      desk.down.set(message.channel, { why: trouble.code, until: desk.now() + 5 * 60_000 });
    }
    await lose(desk, message.key);
    return;
  }
  await handleTrouble(desk, message, 'chat.update', trouble);
}
