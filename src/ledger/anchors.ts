import { desc, eq } from 'drizzle-orm';
import * as z from 'zod';
import type { At } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { events } from './schema.ts';

/** The newest hash as it was at a time, written down where whoever changes the ledger does not reach. */
export interface Anchor {
  seq: number;
  hash: string;
  at: At;
}

/** The newest event's number and hash; undefined while there is none. */
export function newestAnchor(db: Db, at: At): Anchor | undefined {
  const newest = db
    .select({ seq: events.seq, hash: events.hash })
    .from(events)
    .orderBy(desc(events.seq))
    .limit(1)
    .get();
  return newest === undefined ? undefined : { ...newest, at };
}

const line = z.object({ seq: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/), at: z.number() });

/** An anchor as it is posted in a channel; `parseAnchors` reads it when it is copied from there. */
export const anchorSentence = ({ seq, hash, at }: Anchor): string =>
  `⚓ At ${new Date(at).toISOString()} the ledger stands at event ${seq} with hash \`${hash}\`.`;

const posted = /At (\S+) the ledger stands at event (\d+) with hash `?([0-9a-f]{64})\b/;

function fromSentence(text: string): Anchor | undefined {
  const [, at = '', seq, hash = ''] = posted.exec(text) ?? [];
  const time = Date.parse(at);
  return seq === undefined || Number.isNaN(time) ? undefined : { seq: Number(seq), hash, at: time };
}

/** What is, or was, an anchor: a JSON object, or something of the sentence in a channel. */
const looksLikeOne = (text: string): boolean =>
  /^\s*\{/.test(text) || /[0-9a-f]{64}|the ledger stands at|⚓/.test(text);

/**
 * Reads anchors, one a line: a JSON object, or the sentence of a channel as it was copied. A line that was an anchor and
 * cannot be read is told with its number. Where sentences were copied, other lines may stand between them.
 */
export function parseAnchors(text: string): { anchors: Anchor[]; problems: string[] } {
  const lines = text.split('\n');
  const isCopied = lines.some((one) => fromSentence(one) !== undefined);
  const anchors: Anchor[] = [];
  const problems: string[] = [];
  for (const [index, written] of lines.entries()) {
    if (written.trim() === '') continue;
    const anchor = fromSentence(written) ?? line.safeParse(asJson(written)).data;
    if (anchor !== undefined) anchors.push(anchor);
    else if (!isCopied || looksLikeOne(written))
      problems.push(`Line ${index + 1} of the anchors cannot be read: it was cut or changed.`);
  }
  return { anchors, problems };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What of the ledger is not as it was when it was written down: a tail that was cut, a chain that was made anew. */
export function anchorProblems(db: Db, anchors: readonly Anchor[]): string[] {
  return anchors.flatMap(({ seq, hash, at }) => {
    const found = db.select({ hash: events.hash }).from(events).where(eq(events.seq, seq)).get();
    if (found?.hash === hash) return [];
    const when = new Date(at).toISOString();
    return found === undefined
      ? [`Event ${seq} was there at ${when} and is gone: the end of the ledger was cut.`]
      : [
          `Event ${seq} is not the one that was there at ${when}: the ledger was rewritten from it or from before it on.`,
        ];
  });
}
