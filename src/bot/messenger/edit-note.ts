import { troubleOf } from '../slack-error.ts';
import { type Desk, isPaused } from './desk.ts';
import { hashOf, type NoteMessage, renderNote } from './render.ts';
import { handleTrouble } from './trouble.ts';

/**
 * A note that stands in its thread says what it said, but for one that asks somebody: once that is decided it says so, and calls on
 * nobody any more. What Slack does not let be edited stays as it is, and is never posted a second time.
 */
export async function editNote(
  desk: Desk,
  message: NoteMessage,
  posted: { channel: string; ts: string },
): Promise<void> {
  const { key, revision, shown = '' } = message;
  const stands = (hash: string) => desk.pipeline.outbox.shown(key, { ...posted, hash, revision });
  const note = message.content.asks === undefined ? undefined : await renderNote(desk, message);
  const hash = note === undefined ? shown : hashOf(note);
  if (note === undefined || hash === shown) {
    await stands(hash);
    return;
  }
  if (isPaused(desk, 'chat.update')) return;
  const begun = desk.now();
  if (!desk.edits.take(begun, false)) return;
  try {
    await desk.client.chat.update({ ...posted, text: note.text, blocks: note.blocks });
    await stands(hash);
  } catch (error) {
    const trouble = troubleOf(error);
    if (['message gone', 'not editable', 'channel', 'too long'].includes(trouble.is)) await stands(shown);
    else await handleTrouble(desk, message, 'chat.update', trouble);
  } finally {
    desk.edits.answered(begun, desk.now());
  }
}
