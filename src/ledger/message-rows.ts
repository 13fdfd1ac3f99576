import type { Message } from '../pipeline/outbox.ts';
import type { Db } from './db.ts';
import { readStatements } from './read-statements.ts';
import type { messages } from './schema.ts';

type MessageRow = typeof messages.$inferSelect;

export function toMessage(row: MessageRow): Message {
  const { key, channel, team, content, revision, postedChannel, postedTs, shown, tries, notBefore, final } =
    row;
  return {
    key,
    channel,
    ...(team === null ? {} : { team }),
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
  readStatements(db).message.get({ key });
