import { outwardOf } from '../pipeline/decide/outward.ts';
import { type Event, streamOf } from '../pipeline/domain/event.ts';
import { evolve } from '../pipeline/domain/evolve.ts';
import { type Outward, outwardKey } from '../pipeline/domain/outward.ts';
import type { Batch, Committed } from '../pipeline/ledger.ts';
import { Cards } from './cards.ts';
import { firstHash, linkHash } from './chain.ts';
import { tellRemoved } from './daily.ts';
import type { Db } from './db.ts';
import { openTasks } from './open-tasks.ts';
import { type RememberedRows, rememberedRows } from './remembered-rows.ts';
import { rowMemory } from './row-memory.ts';
import { bufferedRows } from './rows.ts';
import { statements } from './statements.ts';

/** The version of the shape of events written now; upcasters bring older ones up. */
export const eventShape = 1;

/**
 * Appends a batch: events, rows, tasks and messages together, or nothing. To be called inside a transaction that began with
 * the memory's `begin`. Throws what the database throws, and `conflict` and `stale` wrote nothing.
 */
export function append(db: Db, batch: Batch): Committed {
  try {
    return appendAll(db, batch);
  } catch (error) {
    rowMemory(db).forget();
    throw error;
  }
}

function appendAll(db: Db, batch: Batch): Committed {
  const on = statements(db);
  const remembered = rememberedRows(db);
  if (!expectationsHold(remembered, batch.expect)) return 'conflict';
  if (batch.ends !== undefined && !openTasks(db).end(batch.ends, batch.at)) return 'stale';
  for (const [ref, words] of Object.entries(batch.texts)) on.addText.run({ ref, words });
  const rows = bufferedRows(remembered);
  const cards = new Cards(on, rows, batch);
  const outward = new Map<string, Outward>();
  for (const [event, seq] of appendEvents(db, remembered, batch)) {
    evolve(rows, { event, at: batch.at });
    cards.touchedBy(event, seq);
    for (const told of outwardOf(event, rows, batch.outward ?? {}, { seq, at: batch.at }))
      outward.set(outwardKey(told), told);
  }
  for (const row of batch.standbys ?? []) {
    remembered.putStandby(row);
    cards.touchedByLook(row);
  }
  cards.touch(batch.redrawn ?? []);
  rows.flush();
  cards.write();
  for (const [key, content] of outward)
    on.putOutward.run({ key, service: content.service, content, at: batch.at });
  // First what ran before is stopped: what the same decision orders anew goes on.
  if (batch.stop.length > 0) openTasks(db).stop(batch.stop);
  for (const order of batch.orders) openTasks(db).order(order);
  for (const event of batch.events)
    if (event.type === 'LeftoversRemoved') tellRemoved(db, { ...event, ...batch });
  if (batch.inventory !== undefined) on.putInventory.run({ ...batch.inventory });
  return 'committed';
}

function expectationsHold(rows: RememberedRows, expect: Record<string, number>): boolean {
  return Object.entries(expect).every(([stream, version]) => rows.streamVersion(stream) === version);
}

/** Writes the events of a batch, each chained to the one before it. Returns them with their numbers. */
function appendEvents(db: Db, rows: RememberedRows, { events, by, at }: Batch): [Event, number][] {
  if (events.length === 0) return [];
  const on = statements(db);
  const { lastHash } = rowMemory(db);
  const actor = JSON.stringify(by);
  const versions = new Map<string, number>();
  let hash = lastHash.get('', () => on.lastHash.get()?.hash ?? firstHash);
  const appended = events.map((event): [Event, number] => {
    const stream = streamOf(event);
    const version = (versions.get(stream) ?? rows.streamVersion(stream)) + 1;
    versions.set(stream, version);
    const body = JSON.stringify(event);
    const link = { stream, version, type: event.type, shape: eventShape, body, actor, at };
    hash = linkHash(hash, link);
    return [event, Number(on.addEvent.run({ ...link, hash }).lastInsertRowid)];
  });
  lastHash.put('', hash);
  for (const [stream, version] of versions) rows.putStreamVersion(stream, version);
  return appended;
}
