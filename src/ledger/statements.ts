import { and, asc, desc, eq, gte, isNotNull, isNull, lt, lte, sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { excluded, given, listed, perLedger, write } from './prepared.ts';
import { rowStatements } from './row-statements.ts';
import {
  deployments,
  events,
  inventories,
  isWanted,
  messages,
  outward,
  slots,
  standbys,
  streams,
  tasks,
  texts,
} from './schema.ts';

/** The statements of every commit and of every look at the queue. */
function prepared(db: Db) {
  const wanted = isWanted(tasks);
  const thisTask = and(eq(tasks.effect, given('effect')), eq(tasks.generation, given('generation')), wanted);
  const currentAttempt = and(thisTask, eq(tasks.attempt, given('attempt')));
  return {
    ...rowStatements(db),
    streamVersion: db
      .select({ version: streams.version })
      .from(streams)
      .where(eq(streams.stream, given('stream')))
      .prepare(),
    putStream: write(
      db,
      db
        .insert(streams)
        .values({ stream: given('stream'), version: given('version') })
        .onConflictDoUpdate({ target: streams.stream, set: { version: excluded('version') } }),
    ),
    lastHash: db.select({ hash: events.hash }).from(events).orderBy(desc(events.seq)).limit(1).prepare(),
    addEvent: write(
      db,
      db.insert(events).values({
        stream: given('stream'),
        version: given('version'),
        type: given('type'),
        shape: given('shape'),
        body: given('body'),
        actor: given('actor'),
        at: given('at'),
        hash: given('hash'),
      }),
    ),
    putStandby: write(
      db,
      db
        .insert(standbys)
        .values({ service: given('service'), environment: given('environment'), row: given('row') })
        .onConflictDoUpdate({
          target: [standbys.service, standbys.environment],
          set: { row: excluded('row') },
        }),
    ),
    putInventory: write(
      db,
      db
        .insert(inventories)
        .values({ provider: given('provider'), at: given('at'), found: given('found') })
        .onConflictDoUpdate({
          target: inventories.provider,
          set: { at: excluded('at'), found: excluded('found') },
        }),
    ),
    wantedOf: db
      .select({ effect: tasks.effect })
      .from(tasks)
      .where(and(eq(tasks.subjectKey, given('subjectKey')), wanted))
      .limit(1)
      .prepare(),
    addText: write(
      db,
      db
        .insert(texts)
        .values({ ref: given('ref'), words: given('words') })
        .onConflictDoNothing(),
    ),
    messagePlace: db
      .select({ team: messages.team })
      .from(messages)
      .where(eq(messages.key, given('key')))
      .prepare(),
    putCard: write(
      db,
      db
        .insert(messages)
        .values({
          key: given('key'),
          channel: given('channel'),
          team: given('team'),
          content: given('content'),
          revision: 1,
          shownRevision: 0,
          tries: 0,
          notBefore: given('at'),
          final: given('final'),
          due: true,
        })
        .onConflictDoUpdate({
          target: messages.key,
          set: {
            revision: sql`${messages.revision} + 1`,
            final: excluded('final'),
            // What Slack never took in an earlier state is tried again in the next one.
            due: true,
            tries: sql`CASE WHEN ${messages.givenUp} IS NULL THEN ${messages.tries} ELSE 0 END`,
            givenUp: null,
          },
        }),
    ),
    addNote: write(
      db,
      db
        .insert(messages)
        .values({
          key: given('key'),
          channel: given('channel'),
          team: given('team'),
          content: given('content'),
          revision: 1,
          shownRevision: 0,
          tries: 0,
          notBefore: given('at'),
          final: true,
          due: true,
        })
        .onConflictDoNothing(),
    ),
    redrawNotes: write(
      db,
      db
        .update(messages)
        .set({ revision: sql`${messages.revision} + 1`, due: true, notBefore: sql`${given('at')}` })
        .where(
          and(gte(messages.key, given('from')), lt(messages.key, given('before')), isNull(messages.givenUp)),
        ),
    ),
    putOutward: write(
      db,
      db
        .insert(outward)
        .values({
          key: given('key'),
          service: given('service'),
          content: given('content'),
          revision: 1,
          toldRevision: 0,
          since: given('at'),
          tries: 0,
          notBefore: given('at'),
          due: true,
        })
        .onConflictDoUpdate({
          target: outward.key,
          set: {
            revision: sql`${outward.revision} + 1`,
            since: excluded('since'),
            tries: 0,
            notBefore: excluded('not_before'),
            due: true,
            givenUp: null,
          },
        }),
    ),
    endTask: write(
      db,
      db
        .update(tasks)
        // A column's own type hides that drizzle fills placeholders in an update too.
        .set({ state: sql`${given('as')}`, endedAt: sql`${given('at')}` })
        .where(currentAttempt),
    ),
    addTask: write(
      db,
      db
        .insert(tasks)
        .values({
          effect: given('effect'),
          generation: given('generation'),
          kind: given('kind'),
          service: given('service'),
          subjectKey: given('subjectKey'),
          subject: given('subject'),
          stage: given('stage'),
          undo: given('undo'),
          input: given('input'),
          state: 'wanted',
          attempt: 1,
          tries: 0,
          job: given('job'),
          notBefore: given('notBefore'),
          deadline: given('deadline'),
          attemptLimit: given('attempt'),
          enqueued: false,
          stopping: false,
        })
        .onConflictDoNothing(),
    ),
    stopTasks: write(
      db,
      db
        .update(tasks)
        .set({ stopping: true })
        .where(and(sql`${tasks.subjectKey} IN ${listed('subjects')}`, wanted, eq(tasks.undo, false))),
    ),
    // The sign keeps SQLite from going through all that ever was in the order of rowid.
    wantedTasks: db.select().from(tasks).where(wanted).orderBy(asc(sql`+rowid`)).prepare(),
    again: write(
      db,
      db
        .update(tasks)
        .set({
          attempt: sql`${given('next')}`,
          job: sql`${given('job')}`,
          notBefore: sql`${given('notBefore')}`,
          tries: sql`${given('tries')}`,
          known: sql`${given('known')}`,
          // The note of the attempt before stands until there is another.
          note: sql`coalesce(${given('note')}, ${tasks.note})`,
          enqueued: false,
          missingSince: null,
        })
        .where(currentAttempt),
    ),
    note: write(
      db,
      db
        .update(tasks)
        .set({ note: sql`${given('note')}` })
        .where(currentAttempt),
    ),
    enqueued: write(db, db.update(tasks).set({ enqueued: true, missingSince: null }).where(currentAttempt)),
    missing: write(
      db,
      db
        .update(tasks)
        .set({ missingSince: sql`${given('since')}` })
        .where(thisTask),
    ),
    enqueueAgain: write(db, db.update(tasks).set({ enqueued: false, missingSince: null }).where(thisTask)),
    locksDue: db
      .select({ service: slots.service, environment: slots.environment })
      .from(slots)
      .where(and(isNotNull(slots.dueAt), lte(slots.dueAt, given('now'))))
      .prepare(),
    waitsOver: db
      .select({ service: deployments.service, deployment: deployments.id, until: deployments.waitUntil })
      .from(deployments)
      .where(and(isNotNull(deployments.waitUntil), lte(deployments.waitUntil, given('now'))))
      .prepare(),
  };
}

export type Statements = ReturnType<typeof prepared>;

/** The prepared statements of an open ledger. */
export const statements = perLedger(prepared);
