import { eq, isNotNull } from 'drizzle-orm';
import type { Actor } from '../pipeline/domain/actor.ts';
import type { At } from '../pipeline/domain/time.ts';
import { append } from './append.ts';
import type { LedgerFile } from './database.ts';
import { rowMemory } from './row-memory.ts';
import { texts } from './schema.ts';

/** A text of the side table: a typed reason, a name, an address, a line of output, a sentence that holds them. */
export interface FoundText {
  ref: string;
  words: string;
}

/** All texts that hold these words, in whatever case; or the one with this reference. */
export function textsWith({ db }: LedgerFile, words: string): FoundText[] {
  const wanted = words.toLowerCase();
  return db
    .select()
    .from(texts)
    .where(isNotNull(texts.words))
    .all()
    .flatMap(({ ref, words: kept }) =>
      kept !== null && (ref === words || kept.toLowerCase().includes(wanted)) ? [{ ref, words: kept }] : [],
    );
}

/**
 * Erases texts for good. The chain holds their digests only, so it stays whole; that they were erased, and by whom, is
 * written into it. Safe while a coordinator runs: it is one transaction, and nobody keeps texts in memory.
 */
export function eraseTexts({ db, sqlite }: LedgerFile, found: readonly FoundText[], by: Actor, at: At): void {
  sqlite
    .transaction(() => {
      for (const { ref } of found) db.update(texts).set({ words: null }).where(eq(texts.ref, ref)).run();
      rowMemory(db).begin();
      append(db, {
        at,
        by,
        expect: {},
        events: found.map(({ ref }) => ({ type: 'TextErased' as const, service: 'all' as const, ref, by })),
        texts: {},
        orders: [],
        stop: [],
        channel: '',
      });
    })
    .immediate();
}
