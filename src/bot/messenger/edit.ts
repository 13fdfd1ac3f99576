import type { Millis } from '../../pipeline/domain/time.ts';
import { troubleOf } from '../slack-error.ts';
import type { Card } from '../views/drawn.ts';
import { type Desk, isPaused, lose, type Remembered, remembered } from './desk.ts';
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
  if (isPaused(desk, 'chat.update')) return;
  const begun = desk.now();
  if (!(urgent || isItsTurn(desk, known)) || !desk.edits.take(begun, urgent)) {
    known.waitedAt = begun;
    return;
  }
  known.begunAt = begun;
  await update(desk, message, card, posted);
}

/** What found no room for longer than this is not asked about any more: it holds up nobody. */
const stillWaits: Millis = 3000;

/** Room goes to the card whose drawing is oldest, whichever comes first when there is some. */
function isItsTurn(desk: Desk, { drawnAt = 0 }: Remembered): boolean {
  const since = desk.now() - stillWaits;
  for (const { waitedAt = 0, drawnAt: other = 0 } of desk.memory.values())
    if (waitedAt > since && other < drawnAt) return false;
  return true;
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
    desk.edits.answered(known.begunAt, desk.now());
  } catch (error) {
    desk.edits.answered(known.begunAt, desk.now());
    await refused(desk, message, card, posted, error);
    return;
  }
  delete desk.locked;
  delete known.hurried;
  delete known.waitedAt;
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
