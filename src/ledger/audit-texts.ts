import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { textRefs } from './load.ts';
import { events, meta, streams, texts } from './schema.ts';

const page = 1_000;

/** Texts that are not what the events named: each is known by the salted digest of its words. Erased ones are not asked. */
export function textProblems(db: Db): string[] {
  const salt = db.select().from(meta).where(eq(meta.key, 'salt')).get()?.value;
  if (salt === undefined) return [];
  const refOf = textRefs(salt);
  const problems: string[] = [];
  for (let last = ''; ; ) {
    const rows = db
      .select()
      .from(texts)
      .where(and(gt(texts.ref, last), isNotNull(texts.words)))
      .orderBy(texts.ref)
      .limit(page)
      .all();
    for (const { ref, words } of rows) {
      if (words !== null && refOf(words) !== ref) problems.push(`The text ${ref} was changed.`);
    }
    const end = rows.at(-1)?.ref;
    if (end === undefined || rows.length < page) return problems;
    last = end;
  }
}

/** Streams whose number is not that of their newest event. */
export function streamProblems(db: Db): string[] {
  const newest = db
    .select({ stream: events.stream, version: sql<number>`max(${events.version})` })
    .from(events)
    .groupBy(events.stream)
    .all();
  const told = new Map(newest.map(({ stream, version }) => [stream, version]));
  const stored = db.select().from(streams).all();
  const wrong = stored.filter(({ stream, version }) => told.get(stream) !== version);
  const known = new Set(stored.map(({ stream }) => stream));
  const missing = [...told.keys()].filter((stream) => !known.has(stream));
  return [...wrong.map(({ stream }) => stream), ...missing].map(
    (stream) => `The version of the stream ${stream} is not that of its newest event.`,
  );
}
