import type { Event, Happened } from '../pipeline/domain/event.ts';
import type { Db } from './db.ts';
import { readStatements } from './read-statements.ts';

type Stored = Record<string, unknown>;

/** Brings the body of an event from one shape to the next; index 0 leads from shape 1 to 2. None is needed yet. */
const upcasters: ((stored: Stored) => Stored)[] = [];

/** The event that a stored body tells, in today's shape. */
export function upcast(shape: number, body: string): Event {
  const stored: Stored = JSON.parse(body);
  const current = upcasters.slice(shape - 1).reduce((older, up) => up(older), stored);
  // The ledger holds only what `append` wrote: events, in the shape that the upcasters lead to.
  return current as unknown as Event;
}

export function readEvent(db: Db, seq: number): Happened | undefined {
  const row = readStatements(db).event.get({ seq });
  return row === undefined ? undefined : { event: upcast(row.shape, row.body), at: row.at };
}
