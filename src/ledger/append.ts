import { and, desc, eq, inArray } from 'drizzle-orm';
import {
  cardKey,
  cardOf,
  isDeploymentCardFinal,
  isReleaseCardFinal,
  isTold,
  neighbours,
} from '../pipeline/decide/announce.ts';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { type Event, streamOf } from '../pipeline/domain/event.ts';
import { evolve, type Rows } from '../pipeline/domain/evolve.ts';
import { subjectKey, type TaskOrder } from '../pipeline/domain/task.ts';
import type { Batch, Committed } from '../pipeline/ledger.ts';
import { attemptId } from '../pipeline/task-queue.ts';
import { firstHash, linkHash } from './chain.ts';
import type { Db } from './database.ts';
import { touchCard, writeNote } from './message-rows.ts';
import { tableRows } from './rows.ts';
import { events, streams, tasks, texts } from './schema.ts';

/** The version of the shape of events written now; upcasters bring older ones up. */
export const eventShape = 1;

/** Appends a batch: events, rows, tasks and messages together, or nothing. Runs inside one transaction. */
export function append(db: Db, batch: Batch): Committed {
  if (!expectationsHold(db, batch.expect)) return 'conflict';
  if (batch.ends !== undefined && !endTask(db, batch.ends, batch.at)) return 'stale';
  for (const [ref, words] of Object.entries(batch.texts))
    db.insert(texts).values({ ref, words }).onConflictDoNothing().run();
  const rows = tableRows(db);
  const actor = JSON.stringify(batch.by);
  for (const event of batch.events) {
    const seq = appendEvent(db, event, actor, batch.at);
    evolve(rows, { event, at: batch.at });
    announce(db, rows, event, seq, batch);
  }
  // First what ran before is stopped: what the same decision orders anew goes on.
  if (batch.stop.length > 0) stopTasks(db, batch.stop);
  for (const order of batch.orders) orderTask(db, order);
  return 'committed';
}

function expectationsHold(db: Db, expect: Record<string, number>): boolean {
  return Object.entries(expect).every(([stream, version]) => versionOf(db, stream) === version);
}

export const versionOf = (db: Db, stream: string): number =>
  db.select().from(streams).where(eq(streams.stream, stream)).get()?.version ?? 0;

function endTask(
  db: Db,
  { effect, generation, attempt, as }: NonNullable<Batch['ends']>,
  at: number,
): boolean {
  const counts = and(
    eq(tasks.effect, effect),
    eq(tasks.generation, generation),
    eq(tasks.attempt, attempt),
    eq(tasks.state, 'wanted'),
  );
  return db.update(tasks).set({ state: as, endedAt: at }).where(counts).run().changes === 1;
}

function appendEvent(db: Db, event: Event, actor: string, at: number): number {
  const stream = streamOf(event);
  const version = versionOf(db, stream) + 1;
  const previous = db.select({ hash: events.hash }).from(events).orderBy(desc(events.seq)).limit(1).get();
  const link = {
    stream,
    version,
    type: event.type,
    shape: eventShape,
    body: JSON.stringify(event),
    actor,
    at,
  };
  const hash = linkHash(previous?.hash ?? firstHash, link);
  db.insert(streams)
    .values({ stream, version })
    .onConflictDoUpdate({ target: streams.stream, set: { version } })
    .run();
  return Number(
    db
      .insert(events)
      .values({ ...link, hash })
      .run().lastInsertRowid,
  );
}

function announce(db: Db, rows: Rows, event: Event, seq: number, batch: Batch): void {
  const card = cardOf(event, (id) => rows.deployment(id));
  const touch = (deployment: Deployment) => touchDeploymentCard(db, deployment, rows, batch);
  if (card !== undefined) {
    const key = cardKey(event.service, card);
    if ('release' in card) touchReleaseCard(db, rows, event.service, card.release, batch);
    else touchById(rows, card.deployment, touch);
    if (isTold(event)) writeNote(db, { seq, card: key, channel: batch.channel, at: batch.at });
  }
  const slot = 'environment' in event ? rows.slot(event.service, event.environment) : undefined;
  for (const id of neighbours(event, slot)) touchById(rows, id, touch);
}

function touchById(rows: Rows, id: string, touch: (deployment: Deployment) => void): void {
  const deployment = rows.deployment(id);
  if (deployment !== undefined) touch(deployment);
}

function touchDeploymentCard(db: Db, deployment: Deployment, rows: Rows, batch: Batch): void {
  if (!deployment.ownCard) {
    touchReleaseCard(db, rows, deployment.service, deployment.version, batch);
    return;
  }
  touchCard(db, {
    key: cardKey(deployment.service, { deployment: deployment.id }),
    content: { kind: 'deployment card', deployment: deployment.id },
    channel: batch.channel,
    final: isDeploymentCardFinal(deployment),
    at: batch.at,
  });
}

function touchReleaseCard(db: Db, rows: Rows, service: string, version: number, batch: Batch): void {
  const release = rows.release(service, version);
  touchCard(db, {
    key: cardKey(service, { release: version }),
    content: { kind: 'release card', service, version },
    channel: batch.channel,
    final: release !== undefined && isReleaseCardFinal(release),
    at: batch.at,
  });
}

function orderTask(db: Db, order: TaskOrder): void {
  db.insert(tasks)
    .values({
      effect: order.effect,
      generation: order.generation,
      kind: order.kind,
      service: order.subject.service,
      subjectKey: subjectKey(order.subject),
      subject: order.subject,
      stage: order.stage,
      undo: order.undo,
      input: order.input,
      state: 'wanted',
      attempt: 1,
      tries: 0,
      job: attemptId({ ...order, attempt: 1 }),
      notBefore: order.notBefore,
      deadline: order.deadline,
      attemptLimit: order.attempt,
      enqueued: false,
      stopping: false,
    })
    .onConflictDoNothing()
    .run();
}

function stopTasks(db: Db, subjects: string[]): void {
  db.update(tasks)
    .set({ stopping: true })
    .where(and(inArray(tasks.subjectKey, subjects), eq(tasks.state, 'wanted'), eq(tasks.undo, false)))
    .run();
}
