import { backoff } from './budget.ts';
import { type Desk, remembered } from './desk.ts';
import { edit } from './edit.ts';
import { post } from './post.ts';
import { type CardMessage, isCard, isNote, type NoteMessage, renderCard, renderNote } from './render.ts';

/** Shows the messages of one lane in order: the card, then its notes. A note that has to wait holds up those after it. */
export async function show(desk: Desk, keys: string[]): Promise<void> {
  for (const key of keys) {
    // Read anew: the lane may have waited, and what was posted meanwhile must not be posted again.
    const message = await desk.pipeline.outbox.find(key);
    if (message === undefined) continue;
    if (message.notBefore > desk.now()) {
      if (isNote(message)) return;
      continue;
    }
    if (isCard(message)) await showCard(desk, message);
    else if (isNote(message) && !(await showNote(desk, message))) return;
  }
}

async function showCard(desk: Desk, message: CardMessage): Promise<void> {
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

/** Returns false when it has to wait. */
async function showNote(desk: Desk, message: NoteMessage): Promise<boolean> {
  const { outbox } = desk.pipeline;
  if (message.posted !== undefined) {
    const { posted, revision, shown = '' } = message;
    await outbox.shown(message.key, { ...posted, hash: shown, revision });
    return true;
  }
  const note = await renderNote(desk, message);
  if (note === undefined) {
    await outbox.givenUp(message.key, 'its event deserves no note');
    return true;
  }
  const card = await outbox.find(message.content.card);
  if (card === undefined) {
    if (message.tries >= 8) await outbox.givenUp(message.key, 'its card does not exist');
    else await outbox.postponed(message.key, backoff(message.tries));
    return true;
  }
  if (card.posted === undefined) return false;
  const done = await post(desk, message, note, { ...card.posted, broadcast: note.broadcast });
  if (done) desk.memory.delete(message.key);
  return done;
}
