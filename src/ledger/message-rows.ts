import { eq, sql } from 'drizzle-orm';
import type { Message } from '../pipeline/pipeline.ts';
import type { Db } from './database.ts';
import { messages } from './schema.ts';

interface Card {
  key: string;
  content: Message['content'];
  channel: string;
  final: boolean;
  at: number;
}

/** The card is to be shown anew: its rows have changed. */
export function touchCard(db: Db, { key, content, channel, final, at }: Card): void {
  db.insert(messages)
    .values({
      key,
      channel,
      content,
      revision: 1,
      shownRevision: 0,
      tries: 0,
      notBefore: at,
      final,
      due: true,
    })
    .onConflictDoUpdate({
      target: messages.key,
      set: { revision: sql`${messages.revision} + 1`, final, due: sql`${messages.givenUp} IS NULL` },
    })
    .run();
}

/** A note in the card's thread, told once. */
export function writeNote(
  db: Db,
  { seq, card, channel, at }: { seq: number; card: string; channel: string; at: number },
): void {
  db.insert(messages)
    .values({
      key: `note.${seq}`,
      channel,
      content: { kind: 'note', seq, card },
      revision: 1,
      shownRevision: 0,
      tries: 0,
      notBefore: at,
      final: true,
      due: true,
    })
    .onConflictDoNothing()
    .run();
}

type MessageRow = typeof messages.$inferSelect;

export function toMessage(row: MessageRow): Message {
  const { key, channel, content, revision, postedChannel, postedTs, shown, tries, notBefore, final } = row;
  return {
    key,
    channel,
    content,
    revision,
    ...(postedChannel === null || postedTs === null
      ? {}
      : { posted: { channel: postedChannel, ts: postedTs } }),
    ...(shown === null ? {} : { shown }),
    tries,
    notBefore,
    final,
  };
}

export const messageOf = (db: Db, key: string): MessageRow | undefined =>
  db.select().from(messages).where(eq(messages.key, key)).get();
