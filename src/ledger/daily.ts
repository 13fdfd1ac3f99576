import { eq } from 'drizzle-orm';
import type { Removed } from '../pipeline/domain/marked.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { messages } from './schema.ts';

const hour = 3_600_000;
/** A day's list is told at this hour of the next one, in UTC. */
const toldAt = 7 * hour;
const oneDay = 24 * hour;

/** Adds to the list of what was removed today, which the channel is told once, when the day is over. */
export function tellRemoved(
  db: Db,
  {
    service,
    removed,
    channel,
    team,
    at,
  }: { service: string; removed: Removed[]; channel: string; team?: string; at: At },
): void {
  const day = new Date(at).toISOString().slice(0, 10);
  const key = `removed.${service}.${day}`;
  const known = db.select().from(messages).where(eq(messages.key, key)).get()?.content;
  const before = known?.kind === 'removed' ? known.removed : [];
  const content = { kind: 'removed' as const, service, day, removed: [...before, ...removed] };
  const notBefore = Math.floor(at / oneDay) * oneDay + oneDay + toldAt;
  db.insert(messages)
    .values({
      key,
      channel,
      ...(team === undefined ? {} : { team }),
      content,
      revision: 1,
      shownRevision: 0,
      tries: 0,
      notBefore,
      final: true,
      due: true,
    })
    .onConflictDoUpdate({ target: messages.key, set: { content } })
    .run();
}
