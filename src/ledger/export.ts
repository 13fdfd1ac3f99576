import { and, asc, gt, gte } from 'drizzle-orm';
import type { Actor } from '../pipeline/domain/actor.ts';
import { actorKey } from '../pipeline/domain/actor.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { events } from './schema.ts';
import { readTexts } from './texts.ts';

/** One line of the audit trail for somebody else's tools. */
export interface ExportedEvent {
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  actor: string;
  type: string;
  stream: string;
  /** What was asked, and how it was answered, where a command is told. */
  command: string;
  outcome: string;
  /** The event as it is stored. */
  body: string;
  /** The words behind the references in it; `[erased]` where they were erased. */
  words: string;
  hash: string;
}

export const columns = [
  'seq',
  'at',
  'actor',
  'type',
  'stream',
  'command',
  'outcome',
  'body',
  'words',
  'hash',
] as const satisfies (keyof ExportedEvent)[];

const page = 500;

/** All events since a time, oldest first. */
export function* exported(db: Db, since: At): Generator<ExportedEvent> {
  for (let last = 0; ; ) {
    const rows = db
      .select()
      .from(events)
      .where(and(gte(events.at, since), gt(events.seq, last)))
      .orderBy(asc(events.seq))
      .limit(page)
      .all();
    for (const row of rows) yield lineOf(db, row);
    const end = rows.at(-1)?.seq;
    if (end === undefined || rows.length < page) return;
    last = end;
  }
}

function lineOf(db: Db, row: typeof events.$inferSelect): ExportedEvent {
  const body: unknown = JSON.parse(row.body);
  const by: Actor = JSON.parse(row.actor);
  const entry = isTold(body) ? body.entry : { command: '', outcome: '' };
  return {
    seq: row.seq,
    at: new Date(row.at).toISOString(),
    actor: actorKey(by),
    type: row.type,
    stream: row.stream,
    command: entry.command,
    outcome: entry.outcome,
    body: row.body,
    words: Object.entries(readTexts(db, [body]))
      .map(([ref, words]) => `${ref}: ${words}`)
      .join('\n'),
    hash: row.hash,
  };
}

const isTold = (body: unknown): body is { entry: { command: string; outcome: string } } =>
  typeof body === 'object' && body !== null && 'entry' in body;

/** A line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula is led by an apostrophe. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => quoted(String(cell))).join(',')}\r\n`;

function quoted(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
