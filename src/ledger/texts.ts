import { inArray } from 'drizzle-orm';
import type { TextRef } from '../pipeline/domain/time.ts';
import type { Db } from './database.ts';
import { texts } from './schema.ts';

const textRef = /"(t[0-9a-f]{40})"/g;

/** All texts that some rows refer to. What was erased reads `[erased]`. */
export function readTexts(db: Db, rows: unknown[]): Record<TextRef, string> {
  const refs = [...new Set([...JSON.stringify(rows).matchAll(textRef)].flatMap(([, ref]) => ref ?? []))];
  const found: Record<TextRef, string> = Object.fromEntries(refs.map((ref) => [ref, '[erased]']));
  for (let from = 0; from < refs.length; from += 500) {
    const some = db
      .select()
      .from(texts)
      .where(inArray(texts.ref, refs.slice(from, from + 500)))
      .all();
    for (const { ref, words } of some) found[ref] = words ?? '[erased]';
  }
  return found;
}
