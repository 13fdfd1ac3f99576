import {
  cardKey,
  cardOf,
  isDeploymentCardFinal,
  isNoticed,
  isPictured,
  isReleaseCardFinal,
  isTold,
  isToldOfGroup,
  neighbours,
} from '../pipeline/decide/announce.ts';
import { outwardOf } from '../pipeline/decide/outward.ts';
import { cardKeyOfGroup } from '../pipeline/domain/card.ts';
import { type Event, streamOf } from '../pipeline/domain/event.ts';
import { evolve, type Rows } from '../pipeline/domain/evolve.ts';
import { activeRung } from '../pipeline/domain/group.ts';
import { type GroupEvent, isOfGroup } from '../pipeline/domain/group-event.ts';
import { type Outward, outwardKey } from '../pipeline/domain/outward.ts';
import type { Standby } from '../pipeline/domain/standby.ts';
import { subjectKey, type TaskOrder } from '../pipeline/domain/task.ts';
import type { Batch, Committed } from '../pipeline/ledger.ts';
import type { Message } from '../pipeline/outbox.ts';
import { attemptId } from '../pipeline/task-queue.ts';
import { firstHash, linkHash } from './chain.ts';
import { tellRemoved } from './daily.ts';
import type { Db } from './db.ts';
import { type RememberedRows, rememberedRows } from './remembered-rows.ts';
import { rowMemory } from './row-memory.ts';
import { bufferedRows } from './rows.ts';
import { type Statements, statements } from './statements.ts';

/** The version of the shape of events written now; upcasters bring older ones up. */
export const eventShape = 1;

/**
 * Appends a batch: events, rows, tasks and messages together, or nothing. To be called inside a transaction. Throws what
 * the database throws, and `conflict` and `stale` wrote nothing.
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
  rowMemory(db).begin();
  const remembered = rememberedRows(db);
  if (!expectationsHold(remembered, batch.expect)) return 'conflict';
  if (batch.ends !== undefined && on.endTask.run({ ...batch.ends, at: batch.at }).changes !== 1)
    return 'stale';
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
  if (batch.stop.length > 0) on.stopTasks.run({ subjects: JSON.stringify(batch.stop) });
  for (const order of batch.orders) orderTask(on, order);
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

/** The cards that a batch changes, each written once, and the notes that it tells. */
class Cards {
  readonly #on: Statements;
  readonly #rows: Rows;
  readonly #batch: Batch;
  readonly #releases = new Map<string, { service: string; version: number }>();
  readonly #deployments = new Set<string>();
  readonly #groups = new Map<string, { group: string; number: number }>();

  constructor(on: Statements, rows: Rows, batch: Batch) {
    this.#on = on;
    this.#rows = rows;
    this.#batch = batch;
  }

  touchedBy(event: Event, seq: number): void {
    if (isOfGroup(event)) {
      this.#touchedByGroup(event, seq);
      return;
    }
    this.#touchGroupOf(event);
    const card = cardOf(event, (id) => this.#rows.deployment(id));
    if (card !== undefined) {
      const { service } = event;
      if ('release' in card) this.#touchRelease(service, card.release);
      else this.#touchDeployment(card.deployment);
      if (isTold(event)) this.#note(seq, cardKey(service, card));
      if (isPictured(event) && 'deployment' in event)
        this.#picture(seq, event.deployment, cardKey(service, card));
    }
    if (isNoticed(event)) this.#notice(seq);
    const slot = 'environment' in event ? this.#rows.slot(event.service, event.environment) : undefined;
    for (const id of neighbours(event, slot)) this.#touchDeployment(id);
    this.#touchWaysBack(event);
    // What was live before may be of the same release, and is told of nowhere else.
    const before = event.type === 'WentLive' ? this.#rows.deployment(event.deployment)?.old : undefined;
    if (before !== undefined) this.#touchDeployment(before.deployment);
  }

  #touchedByGroup(event: GroupEvent, seq: number): void {
    const { service: group, number } = event;
    this.#touchGroup(group, number);
    if (isToldOfGroup(event)) this.#note(seq, cardKeyOfGroup(group, number));
  }

  /** Its card shows how each of its services fares. */
  #touchGroupOf(event: Event): void {
    if (!('version' in event)) return;
    const goesWith = this.#rows.release(event.service, event.version)?.goesWith;
    if (goesWith === undefined) return;
    const row = this.#rows.group(goesWith.group, goesWith.number);
    if (row !== undefined && activeRung(row) !== undefined) this.#touchGroup(row.group, row.number);
  }

  #touchGroup(group: string, number: number): void {
    this.#groups.set(cardKeyOfGroup(group, number), { group, number });
  }

  touch(deployments: readonly string[]): void {
    for (const id of deployments) this.#touchDeployment(id);
  }

  /** The card of what is live says what it would go back to. */
  touchedByLook({ service, environment }: Standby): void {
    const live = this.#rows.slot(service, environment)?.live;
    if (live !== undefined) this.#touchDeployment(live.deployment);
  }

  /** Cards of what is live stop to offer a way back to an image that may not, or cannot, be launched any more. */
  #touchWaysBack(event: Event): void {
    const everywhere = event.type === 'ImageRevoked';
    if (!everywhere && event.type !== 'ImageRemoved') return;
    const slots = everywhere ? this.#on.everySlot.all() : this.#on.slotsOf.all({ service: event.service });
    for (const { row } of slots)
      for (const serving of [row.live, row.beside])
        if (serving !== undefined) this.#touchDeployment(serving.deployment);
  }

  #touchRelease(service: string, version: number): void {
    this.#releases.set(cardKey(service, { release: version }), { service, version });
  }

  #touchDeployment(id: string): void {
    const deployment = this.#rows.deployment(id);
    if (deployment === undefined) return;
    if (deployment.ownCard) this.#deployments.add(id);
    else this.#touchRelease(deployment.service, deployment.version);
  }

  #note(seq: number, card: string): void {
    this.#addToThread(`note.${seq}`, { kind: 'note', seq, card });
  }

  /** One for each deployment, however often it was tried. Putting back what was lost is no news. */
  #picture(seq: number, deployment: string, card: string): void {
    if (this.#rows.deployment(deployment)?.kind === 'repair') return;
    this.#addToThread(`picture.${deployment}`, { kind: 'picture', seq, card });
  }

  /** It hangs on its card: where that stands in another workspace, from before its service moved, it goes there. */
  #addToThread(key: string, content: Extract<Message['content'], { kind: 'note' | 'picture' }>): void {
    const { channel, at } = this.#batch;
    const card = this.#on.messagePlace.get({ key: content.card });
    const team = card === undefined ? this.#team : card.team;
    this.#on.addNote.run({ key, channel, team, content, at });
  }

  #notice(seq: number): void {
    const { channel, at, alsoIn = [] } = this.#batch;
    const content = { kind: 'notice' as const, seq };
    this.#on.addNote.run({ key: `notice.${seq}`, channel, team: this.#team, content, at });
    for (const { channel: there, team = null } of alsoIn)
      this.#on.addNote.run({ key: `notice.${seq}.${team}`, channel: there, team, content, at });
  }

  get #team(): string | null {
    return this.#batch.team ?? null;
  }

  write(): void {
    const { channel, at } = this.#batch;
    const team = this.#team;
    for (const [key, { service, version }] of this.#releases) {
      const release = this.#rows.release(service, version);
      const final = release !== undefined && isReleaseCardFinal(release);
      this.#on.putCard.run({
        key,
        channel,
        team,
        content: { kind: 'release card', service, version },
        final,
        at,
      });
    }
    for (const [key, { group, number }] of this.#groups) {
      const row = this.#rows.group(group, number);
      const final = row === undefined || activeRung(row) === undefined;
      this.#on.putCard.run({ key, channel, team, content: { kind: 'group card', group, number }, final, at });
    }
    for (const id of this.#deployments) {
      const deployment = this.#rows.deployment(id);
      if (deployment === undefined) continue;
      const key = cardKey(deployment.service, { deployment: id });
      const final = isDeploymentCardFinal(deployment);
      this.#on.putCard.run({
        key,
        channel,
        team,
        content: { kind: 'deployment card', deployment: id },
        final,
        at,
      });
    }
  }
}

function orderTask(on: Statements, order: TaskOrder): void {
  on.addTask.run({
    ...order,
    service: order.subject.service,
    subjectKey: subjectKey(order.subject),
    job: attemptId({ ...order, attempt: 1 }),
  });
}
