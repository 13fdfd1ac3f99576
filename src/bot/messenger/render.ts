import { createHash } from 'node:crypto';
import { cardKeyOfRelease } from '../../pipeline/domain/card.ts';
import type { Event } from '../../pipeline/domain/event.ts';
import { isOfGroup } from '../../pipeline/domain/group-event.ts';
import type { Message } from '../../pipeline/outbox.ts';
import { deploymentWithAuthor, groupWithAuthors, noteWithAuthor, releaseWithAuthor } from '../authors.ts';
import { toThoseAtWork } from '../reminding.ts';
import { stillRunning } from '../still-running.ts';
import { deploymentCard } from '../views/deployment-card.ts';
import type { Card, Drawn, Note } from '../views/drawn.ts';
import { filesNotice } from '../views/files-notice.ts';
import { groupCard } from '../views/group-card.ts';
import { groupNote } from '../views/group-note.ts';
import { holdNotice } from '../views/hold-notice.ts';
import { mentioned, withNames } from '../views/mentions.ts';
import { note } from '../views/note.ts';
import { notice, removedNote } from '../views/notice.ts';
import { releaseCard } from '../views/release-card.ts';
import { type Desk, remembered } from './desk.ts';

export type CardMessage = Message & {
  content: Exclude<Message['content'], { kind: 'note' | 'picture' }>;
};
export type NoteMessage = Message & { content: Extract<Message['content'], { kind: 'note' }> };

export const isNote = (message: Message): message is NoteMessage => message.content.kind === 'note';
export const isCard = (message: Message): message is CardMessage =>
  message.content.kind !== 'note' && message.content.kind !== 'picture';

/** A card as it has to look now; undefined when what it shows does not exist. */
export async function renderCard(desk: Desk, { content }: CardMessage): Promise<Card | undefined> {
  const { query } = desk.pipeline;
  if (content.kind === 'release card') {
    const view = await query.release(content.service, content.version);
    if (view === undefined) return undefined;
    return named(desk, releaseCard(await releaseWithAuthor(view, desk.mailbox), desk.style));
  }
  if (content.kind === 'removed') return removedNote(content.service, content.day, content.removed);
  if (content.kind === 'notice') {
    const told = await desk.pipeline.outbox.told(content.seq);
    if (told === undefined) return undefined;
    const { event, texts } = told;
    const running = event.type === 'ImageRevoked' ? await stillRunning(query, event.revocation) : [];
    const card = notice(event, texts) ?? holdNotice(told, running) ?? filesNotice(told);
    return card === undefined ? undefined : named(desk, card);
  }
  if (content.kind === 'group card') {
    const group = await query.group(content.group, content.number);
    return group && named(desk, groupCard(await groupWithAuthors(group, desk.mailbox)));
  }
  const view = await query.deployment(content.deployment);
  if (view === undefined) return undefined;
  const { service, version } = view.release;
  const link = await linkOf(desk, cardKeyOfRelease(service, version));
  const whole = await deploymentWithAuthor(view, desk.mailbox);
  return named(desk, deploymentCard(whole, desk.style, link === undefined ? {} : { release: link }));
}

/** A note; undefined when its event deserves none. */
export async function renderNote(desk: Desk, { content }: NoteMessage): Promise<Note | undefined> {
  const found = await desk.pipeline.outbox.note(content.seq);
  if (found === undefined) return ofGroup(desk, content.seq);
  const view = calls(found.event) ? await noteWithAuthor(found, desk.mailbox) : found;
  const drawing = note(view);
  if (drawing === undefined) return undefined;
  if (desk.reminding === undefined || drawing.isOver === true) return named(desk, drawing);
  return named(desk, toThoseAtWork(view, drawing, desk.reminding));
}

/** A note in the thread of a group's card. */
async function ofGroup(desk: Desk, seq: number): Promise<Note | undefined> {
  const event = (await desk.pipeline.outbox.told(seq))?.event;
  if (event === undefined || !isOfGroup(event)) return undefined;
  const view = await desk.pipeline.query.group(event.service, event.number);
  const drawing = view && groupNote(event, await groupWithAuthors(view, desk.mailbox));
  return drawing && named(desk, drawing);
}

/** Whether a note calls on those who must act. */
const calls = ({ type }: Event): boolean => type === 'DeploymentWaits' || type === 'DeploymentReminded';

/** People by their names, but for those who must act. */
async function named<D extends Drawn>(desk: Desk, drawing: D): Promise<D> {
  const others = mentioned(drawing).filter((id) => !drawing.mentions?.includes(id));
  if (others.length === 0) return drawing;
  const names = await Promise.all(others.map(async (id) => [id, await desk.name(id)] as const));
  return withNames(
    drawing,
    new Map(names.flatMap(([id, name]) => (name === undefined ? [] : [[id, name] as const]))),
  );
}

/** Where a posted message can be read; undefined while it is not there, or Slack does not say. */
async function linkOf(desk: Desk, key: string): Promise<string | undefined> {
  const message = await desk.pipeline.outbox.find(key);
  if (message?.posted === undefined) return undefined;
  const known = remembered(desk, key);
  if (known.link !== undefined && known.at?.ts === message.posted.ts) return known.link;
  const { channel, ts } = message.posted;
  const answer = await desk.client.chat.getPermalink({ channel, message_ts: ts }).catch(() => undefined);
  known.at = message.posted;
  if (answer?.permalink !== undefined) known.link = answer.permalink;
  return known.link;
}

/** Tells two drawings apart. */
export const hashOf = ({ text, blocks }: Drawn): string =>
  createHash('sha256').update(JSON.stringify({ text, blocks })).digest('hex');
