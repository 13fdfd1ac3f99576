import { eq, gt, sql } from 'drizzle-orm';
import type { TextRef } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { textRefs } from './load.ts';
import { events, meta, streams, texts } from './schema.ts';

const page = 1_000;

/**
 * Texts that are not what the events named: each is known by the salted digest of its words. One that an event names
 * has to be there; one without words has to have been erased by an event; one that nothing names was added.
 */
export function textProblems(db: Db): string[] {
  const salt = db.select().from(meta).where(eq(meta.key, 'salt')).get()?.value;
  if (salt === undefined) return [];
  const refOf = textRefs(salt);
  const { named, erased } = namedInEvents(db);
  const stored = new Set<TextRef>();
  const problems: string[] = [];
  for (const { ref, words } of storedTexts(db)) {
    stored.add(ref);
    if (!named.has(ref)) problems.push(`The text ${ref} was added: no event names it.`);
    if (words === null && !erased.has(ref))
      problems.push(`The words of the text ${ref} were taken away, and no event erased them.`);
    if (words !== null && refOf(words) !== ref) problems.push(`The text ${ref} was changed.`);
  }
  for (const [ref, seq] of named)
    if (!stored.has(ref)) problems.push(`The text ${ref}, which event ${seq} names, was removed.`);
  return problems;
}

function* storedTexts(db: Db): Generator<typeof texts.$inferSelect> {
  for (let last = ''; ; ) {
    const rows = db.select().from(texts).where(gt(texts.ref, last)).orderBy(texts.ref).limit(page).all();
    yield* rows;
    const end = rows.at(-1)?.ref;
    if (end === undefined || rows.length < page) return;
    last = end;
  }
}

/** The texts that the chain names, each with the first event that does, and those that were erased by one. */
function namedInEvents(db: Db): { named: Map<TextRef, number>; erased: Set<TextRef> } {
  const named = new Map<TextRef, number>();
  const erased = new Set<TextRef>();
  for (let last = 0; ; ) {
    const rows = db
      .select({ seq: events.seq, type: events.type, body: events.body })
      .from(events)
      .where(gt(events.seq, last))
      .orderBy(events.seq)
      .limit(page)
      .all();
    for (const { seq, type, body } of rows) {
      for (const [ref] of body.matchAll(/\bt[0-9a-f]{40}\b/g)) {
        if (type === 'TextErased') erased.add(ref);
        else if (!named.has(ref)) named.set(ref, seq);
      }
    }
    const end = rows.at(-1)?.seq;
    if (end === undefined || rows.length < page) return { named, erased };
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
