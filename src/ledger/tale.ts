import { and, desc, eq, like, or } from 'drizzle-orm';
import { serviceStream, slotStream } from '../pipeline/domain/event.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { events, isWanted, tasks } from './schema.ts';

/** How many of the newest events are told. */
const newest = 60;

/** What the ledger can say of how a service came to be as it is: its newest events and what is still to be done. */
export function taleOf(db: Db, service: string, now: At): string[] {
  const streams = or(
    eq(events.stream, serviceStream(service)),
    like(events.stream, `${slotStream(service, '')}%`),
  );
  const told = db
    .select()
    .from(events)
    .where(streams)
    .orderBy(desc(events.seq))
    .limit(newest)
    .all()
    .toReversed()
    .map(({ seq, at, type, body }) => `#${seq} ${ago(now - at)} ${type} ${body.slice(0, 200)}`);
  const open = db
    .select()
    .from(tasks)
    .where(and(eq(tasks.service, service), isWanted(tasks)))
    .all()
    .map((row) => {
      const held = row.enqueued ? 'in the queue' : 'not in the queue';
      const missing = row.missingSince === null ? '' : `, missed by it since ${ago(now - row.missingSince)}`;
      const stopping = row.stopping ? ', to be stopped' : '';
      return `wanted: ${row.kind} ${row.job}, ${row.tries} faults, ${held}${missing}${stopping}, not before ${ago(now - row.notBefore)}, deadline ${ago(now - row.deadline)}`;
    });
  return [...told, ...open];
}

/** `12.3 s ago`, or `in 12.3 s`. */
function ago(ms: number): string {
  const seconds = (Math.abs(ms) / 1000).toFixed(1);
  return ms < 0 ? `in ${seconds} s` : `${seconds} s ago`;
}
