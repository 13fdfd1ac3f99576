import { and, asc, desc, eq, isNotNull, lt, lte, type Placeholder, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import {
  deployments,
  events,
  installation,
  inventories,
  messages,
  releases,
  services,
  slots,
  standbys,
  streams,
  tasks,
  texts,
} from './schema.ts';

const given = (name: string): Placeholder => sql.placeholder(name);
const excluded = (column: string) => sql.raw(`excluded.${column}`);
/** The values of a JSON list, for `IN`: a prepared statement cannot have a list of unknown length. */
const listed = (name: string) => sql`(SELECT value FROM json_each(${given(name)}))`;

/**
 * The statements of every commit and of every look at the queue, prepared once for each open ledger: building and
 * preparing them anew took two thirds of a commit's time.
 */
function prepared(db: Db) {
  const wanted = eq(tasks.state, 'wanted');
  const thisTask = and(eq(tasks.effect, given('effect')), eq(tasks.generation, given('generation')), wanted);
  const currentAttempt = and(thisTask, eq(tasks.attempt, given('attempt')));
  return {
    ...rowStatements(db),
    streamVersion: db
      .select({ version: streams.version })
      .from(streams)
      .where(eq(streams.stream, given('stream')))
      .prepare(),
    putStream: db
      .insert(streams)
      .values({ stream: given('stream'), version: given('version') })
      .onConflictDoUpdate({ target: streams.stream, set: { version: excluded('version') } })
      .prepare(),
    lastHash: db.select({ hash: events.hash }).from(events).orderBy(desc(events.seq)).limit(1).prepare(),
    addEvent: db
      .insert(events)
      .values({
        stream: given('stream'),
        version: given('version'),
        type: given('type'),
        shape: given('shape'),
        body: given('body'),
        actor: given('actor'),
        at: given('at'),
        hash: given('hash'),
      })
      .prepare(),
    putStandby: db
      .insert(standbys)
      .values({ service: given('service'), environment: given('environment'), row: given('row') })
      .onConflictDoUpdate({
        target: [standbys.service, standbys.environment],
        set: { row: excluded('row') },
      })
      .prepare(),
    putInventory: db
      .insert(inventories)
      .values({ provider: given('provider'), at: given('at'), found: given('found') })
      .onConflictDoUpdate({
        target: inventories.provider,
        set: { at: excluded('at'), found: excluded('found') },
      })
      .prepare(),
    wantedOf: db
      .select({ effect: tasks.effect })
      .from(tasks)
      .where(and(eq(tasks.subjectKey, given('subjectKey')), wanted))
      .limit(1)
      .prepare(),
    addText: db
      .insert(texts)
      .values({ ref: given('ref'), words: given('words') })
      .onConflictDoNothing()
      .prepare(),
    putCard: db
      .insert(messages)
      .values({
        key: given('key'),
        channel: given('channel'),
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
          due: sql`${messages.givenUp} IS NULL`,
        },
      })
      .prepare(),
    addNote: db
      .insert(messages)
      .values({
        key: given('key'),
        channel: given('channel'),
        content: given('content'),
        revision: 1,
        shownRevision: 0,
        tries: 0,
        notBefore: given('at'),
        final: true,
        due: true,
      })
      .onConflictDoNothing()
      .prepare(),
    endTask: db
      .update(tasks)
      // A column's own type hides that drizzle fills placeholders in an update too.
      .set({ state: sql`${given('as')}`, endedAt: sql`${given('at')}` })
      .where(currentAttempt)
      .prepare(),
    addTask: db
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
      .onConflictDoNothing()
      .prepare(),
    stopTasks: db
      .update(tasks)
      .set({ stopping: true })
      .where(and(sql`${tasks.subjectKey} IN ${listed('subjects')}`, wanted, eq(tasks.undo, false)))
      .prepare(),
    taskOfJob: db
      .select()
      .from(tasks)
      .where(and(eq(tasks.job, given('job')), wanted))
      .prepare(),
    toEnqueue: db
      .select()
      .from(tasks)
      .where(and(wanted, eq(tasks.enqueued, false), eq(tasks.stopping, false)))
      .orderBy(asc(tasks.notBefore))
      .limit(given('limit'))
      .prepare(),
    again: db
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
      .where(currentAttempt)
      .prepare(),
    enqueued: db.update(tasks).set({ enqueued: true, missingSince: null }).where(currentAttempt).prepare(),
    inQueue: db
      .select()
      .from(tasks)
      .where(and(wanted, eq(tasks.enqueued, true)))
      .prepare(),
    toStop: db
      .select()
      .from(tasks)
      .where(and(wanted, eq(tasks.stopping, true)))
      .prepare(),
    overdue: db
      .select()
      .from(tasks)
      .where(and(wanted, eq(tasks.stopping, false), lt(tasks.deadline, given('now'))))
      .prepare(),
    openTasks: db
      .select({
        effect: tasks.effect,
        generation: tasks.generation,
        subject: tasks.subject,
        stage: tasks.stage,
        undo: tasks.undo,
      })
      .from(tasks)
      .where(and(eq(tasks.service, given('service')), wanted))
      .prepare(),
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

function rowStatements(db: Db) {
  return {
    installation: db.select({ row: installation.row }).from(installation).limit(1).prepare(),
    putInstallation: db
      .insert(installation)
      .values({ id: 1, row: given('row') })
      .onConflictDoUpdate({ target: installation.id, set: { row: excluded('row') } })
      .prepare(),
    service: db
      .select({ row: services.row })
      .from(services)
      .where(eq(services.service, given('service')))
      .prepare(),
    release: db
      .select({ row: releases.row })
      .from(releases)
      .where(and(eq(releases.service, given('service')), eq(releases.version, given('version'))))
      .prepare(),
    slot: db
      .select({ row: slots.row })
      .from(slots)
      .where(and(eq(slots.service, given('service')), eq(slots.environment, given('environment'))))
      .prepare(),
    deployment: db
      .select({ row: deployments.row })
      .from(deployments)
      .where(eq(deployments.id, given('id')))
      .prepare(),
    slotsOf: db
      .select({ row: slots.row })
      .from(slots)
      .where(eq(slots.service, given('service')))
      .prepare(),
    standbysOf: db
      .select({ row: standbys.row })
      .from(standbys)
      .where(eq(standbys.service, given('service')))
      .prepare(),
    deploymentsByIds: db
      .select({ row: deployments.row })
      .from(deployments)
      .where(and(eq(deployments.service, given('service')), sql`${deployments.id} IN ${listed('ids')}`))
      .prepare(),
    releasesByVersions: db
      .select({ row: releases.row })
      .from(releases)
      .where(and(eq(releases.service, given('service')), sql`${releases.version} IN ${listed('versions')}`))
      .prepare(),
    releasesBySha: db
      .select({ row: releases.row })
      .from(releases)
      .where(and(eq(releases.service, given('service')), eq(releases.sha, given('sha'))))
      .prepare(),
    newestReleases: db
      .select({ row: releases.row })
      .from(releases)
      .where(eq(releases.service, given('service')))
      .orderBy(desc(releases.version))
      .limit(given('limit'))
      .prepare(),
    putService: db
      .insert(services)
      .values({ service: given('service'), row: given('row') })
      .onConflictDoUpdate({ target: services.service, set: { row: excluded('row') } })
      .prepare(),
    putRelease: db
      .insert(releases)
      .values({
        service: given('service'),
        version: given('version'),
        sha: given('sha'),
        state: given('state'),
        row: given('row'),
      })
      .onConflictDoUpdate({
        target: [releases.service, releases.version],
        set: { state: excluded('state'), row: excluded('row') },
      })
      .prepare(),
    putSlot: db
      .insert(slots)
      .values({
        service: given('service'),
        environment: given('environment'),
        dueAt: given('dueAt'),
        row: given('row'),
      })
      .onConflictDoUpdate({
        target: [slots.service, slots.environment],
        set: { dueAt: excluded('due_at'), row: excluded('row') },
      })
      .prepare(),
    putDeployment: db
      .insert(deployments)
      .values({
        id: given('id'),
        service: given('service'),
        version: given('version'),
        environment: given('environment'),
        requestedAt: given('requestedAt'),
        state: given('state'),
        waitUntil: given('waitUntil'),
        row: given('row'),
      })
      .onConflictDoUpdate({
        target: deployments.id,
        set: { state: excluded('state'), waitUntil: excluded('wait_until'), row: excluded('row') },
      })
      .prepare(),
  };
}

export type Statements = ReturnType<typeof prepared>;

const byLedger = new WeakMap<Db, Statements>();

/** The prepared statements of an open ledger. They run inside whatever transaction its connection is in. */
export function statements(db: Db): Statements {
  const known = byLedger.get(db);
  if (known !== undefined) return known;
  const made = prepared(db);
  byLedger.set(db, made);
  return made;
}
