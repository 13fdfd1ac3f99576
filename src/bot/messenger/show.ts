import type { Message } from '../../pipeline/outbox.ts';
import type { Note } from '../views/drawn.ts';
import { withinLimits } from '../views/limits.ts';
import { backoff } from './budget.ts';
import { type Desk, remembered } from './desk.ts';
import { edit } from './edit.ts';
import { editNote } from './edit-note.ts';
import { isPicture, showPicture } from './picture.ts';
import { post } from './post.ts';
import { type CardMessage, isCard, isNote, type NoteMessage, renderCard, renderNote } from './render.ts';

/** Shows the messages of one lane in order: the card, then its notes. A note that has to wait holds up those after it. */
export async function show(desk: Desk, keys: string[]): Promise<void> {
  const left = [...keys];
  for (let key = left.shift(); key !== undefined; key = left.shift()) {
    // Read anew: the lane may have waited, and what was posted meanwhile must not be posted again.
    const message = await desk.pipeline.outbox.find(key);
    if (message === undefined) continue;
    if (message.notBefore > desk.now()) {
      if (isNote(message)) return;
      continue;
    }
    if (isCard(message)) await showCard(desk, message);
    else if (isPicture(message)) await showPicture(desk, message);
    else if (isNote(message)) {
      const done = await showNote(desk, message, left);
      if (done === 'waits') return;
      left.splice(0, done);
    }
  }
}

async function showCard(desk: Desk, message: CardMessage): Promise<void> {
  if (isOnlyOlder(desk, message) && !desk.edits.hasRoom(desk.now())) {
    remembered(desk, message.key).waitedAt = desk.now();
    return;
  }
  const card = await renderCard(desk, message);
  if (card === undefined) {
    await desk.pipeline.outbox.givenUp(message.key, 'what it shows does not exist');
    desk.memory.delete(message.key);
    return;
  }
  if (message.posted !== undefined) await edit(desk, message, card, message.posted);
  else if (await post(desk, message, card)) remembered(desk, message.key).moving = card.moving;
  // A final card is never drawn by the clock again.
  const known = desk.memory.get(message.key);
  if (card.final && known !== undefined) known.moving = false;
}

/** Nothing about it changed since it was last drawn but the clock, and nobody clicked on it. */
function isOnlyOlder(desk: Desk, { key, revision, posted, final }: CardMessage): boolean {
  const known = desk.memory.get(key);
  return posted !== undefined && !final && known?.drawn === revision && known.waits === true;
}

/** Shows a note, and those behind it that go into the same message. Returns how many of them, or that it has to wait. */
async function showNote(desk: Desk, message: NoteMessage, behind: string[]): Promise<number | 'waits'> {
  const { outbox } = desk.pipeline;
  if (message.posted !== undefined) {
    await editNote(desk, message, message.posted);
    return 0;
  }
  const card = await outbox.find(message.content.card);
  if (card?.posted !== undefined && hasNoRoom(desk, card.posted.channel, message)) return 'waits';
  const note = await renderNote(desk, message);
  if (note?.isOver === true) {
    await outbox.givenUp(message.key, 'what it asks is decided already');
    return 0;
  }
  if (note === undefined) {
    await outbox.givenUp(message.key, 'its event deserves no note');
    return 0;
  }
  if (card === undefined) {
    if (message.tries >= 8) await outbox.givenUp(message.key, 'its card does not exist');
    else await outbox.postponed(message.key, backoff(message.tries));
    return 0;
  }
  if (card.posted === undefined) return 'waits';
  const standsAlone = note.broadcast || isAsking(message);
  const burst = standsAlone ? [] : await quietBehind(desk, card.posted.channel, message, behind);
  const thread = { ...card.posted, broadcast: note.broadcast, also: burst.map(({ key }) => key) };
  if (!(await post(desk, message, together(note, burst), thread))) {
    const known = remembered(desk, message.key);
    known.drawn = message.revision;
    known.waits = !note.broadcast;
    return 'waits';
  }
  desk.memory.delete(message.key);
  const at = (await outbox.find(message.key))?.posted;
  if (at === undefined) return 0;
  for (const one of burst) await outbox.shown(one.key, { ...at, hash: '', revision: one.revision });
  return burst.length;
}

/** Nothing may be posted there now, or nothing quiet, and it is that: it need not be drawn. */
function hasNoRoom(desk: Desk, channel: string, { key, revision }: NoteMessage): boolean {
  const left = desk.posts.left(channel, desk.now());
  const known = desk.memory.get(key);
  return left < 0 || (left === 0 && known?.waits === true && known.drawn === revision);
}

/** It is edited later, and then must not take others' words with it. */
const isAsking = ({ content }: NoteMessage): boolean => content.asks !== undefined;

/** How many notes one message holds at most. */
const mostTogether = 8;

type Waiting = Pick<Message, 'key' | 'revision'> & { note: Note };

/**
 * When a channel's posts run short, notes that wait in one thread go into one message. One whose answer was lost is
 * looked for alone, by its own key.
 */
async function quietBehind(
  desk: Desk,
  channel: string,
  first: NoteMessage,
  behind: string[],
): Promise<Waiting[]> {
  const lost = ({ key }: Message): boolean =>
    desk.memory.get(key)?.uncertain === true || desk.inherited.has(key);
  if (lost(first) || desk.posts.left(channel, desk.now()) > behind.length) return [];
  const found: Waiting[] = [];
  for (const key of behind.slice(0, mostTogether - 1)) {
    const message = await desk.pipeline.outbox.find(key);
    if (message === undefined || !isNote(message) || message.posted !== undefined || lost(message)) break;
    if (isAsking(message)) break;
    const note = message.notBefore > desk.now() ? undefined : await renderNote(desk, message);
    if (note === undefined || note.broadcast) break;
    found.push({ key, revision: message.revision, note });
  }
  return found;
}

const together = (first: Note, others: Waiting[]): Note =>
  others.length === 0
    ? first
    : withinLimits({
        ...first,
        text: [first, ...others.map(({ note }) => note)].map(({ text }) => text).join('\n'),
        blocks: [first, ...others.map(({ note }) => note)].flatMap(({ blocks }) => blocks),
      });
