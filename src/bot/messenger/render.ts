import { createHash } from 'node:crypto';
import type { Message, Pipeline } from '../../pipeline/pipeline.ts';
import { deploymentCard } from '../views/deployment-card.ts';
import type { Card, Drawn, Note } from '../views/drawn.ts';
import { note } from '../views/note.ts';
import { notice, removedNote } from '../views/notice.ts';
import { releaseCard } from '../views/release-card.ts';

export type CardMessage = Message & {
  content: Exclude<Message['content'], { kind: 'note' }>;
};
export type NoteMessage = Message & { content: Extract<Message['content'], { kind: 'note' }> };

export const isNote = (message: Message): message is NoteMessage => message.content.kind === 'note';
export const isCard = (message: Message): message is CardMessage => message.content.kind !== 'note';

/** A card as it has to look now; undefined when what it shows does not exist. */
export async function renderCard(pipeline: Pipeline, { content }: CardMessage): Promise<Card | undefined> {
  if (content.kind === 'release card') {
    const view = await pipeline.query.release(content.service, content.version);
    return view === undefined ? undefined : releaseCard(view);
  }
  if (content.kind === 'removed') return removedNote(content.service, content.day, content.removed);
  if (content.kind === 'notice') {
    const told = await pipeline.outbox.note(content.seq);
    return told === undefined ? undefined : notice(told.event);
  }
  const view = await pipeline.query.deployment(content.deployment);
  return view === undefined ? undefined : deploymentCard(view);
}

/** A note; undefined when its event deserves none. */
export async function renderNote(pipeline: Pipeline, { content }: NoteMessage): Promise<Note | undefined> {
  const view = await pipeline.outbox.note(content.seq);
  return view === undefined ? undefined : note(view);
}

/** Tells two drawings apart. */
export const hashOf = ({ text, blocks }: Drawn): string =>
  createHash('sha256').update(JSON.stringify({ text, blocks })).digest('hex');
