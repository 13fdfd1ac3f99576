import type { TextRef } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { readStatements } from './read-statements.ts';

const textRef = /"(t[0-9a-f]{40})"/g;

/** All texts that some rows refer to. What was erased reads `[erased]`. */
export function readTexts(db: Db, rows: unknown[]): Record<TextRef, string> {
  const refs = [...new Set([...JSON.stringify(rows).matchAll(textRef)].flatMap(([, ref]) => ref ?? []))];
  const found: Record<TextRef, string> = Object.fromEntries(refs.map((ref) => [ref, '[erased]']));
  if (refs.length === 0) return found;
  for (const { ref, words } of readStatements(db).texts.all({ refs: JSON.stringify(refs) }))
    found[ref] = words ?? '[erased]';
  return found;
}
