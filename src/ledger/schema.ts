import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { GroupRelease } from '../pipeline/domain/group.ts';
import type { Installation } from '../pipeline/domain/installation.ts';
import type { Marked } from '../pipeline/domain/marked.ts';
import type { Outward } from '../pipeline/domain/outward.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Standby } from '../pipeline/domain/standby.ts';
import type { Subject, TaskKind } from '../pipeline/domain/task.ts';
import type { Message } from '../pipeline/outbox.ts';
import { json } from './json-column.ts';

/** The installation's id, its salt, its epoch. */
export const meta = sqliteTable('meta', { key: text().primaryKey(), value: text().notNull() });

/** The version of each stream: how decisions on old facts are refused. */
export const streams = sqliteTable('streams', { stream: text().primaryKey(), version: integer().notNull() });

/** What happened. Appended, never changed; `hash` chains over the stored bytes. */
export const events = sqliteTable(
  'events',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    stream: text().notNull(),
    version: integer().notNull(),
    type: text().notNull(),
    /** Version of the event's shape; upcasters bring old ones up. */
    shape: integer().notNull(),
    body: text().notNull(),
    actor: text().notNull(),
    at: integer().notNull(),
    hash: text().notNull(),
  },
  (table) => [uniqueIndex('events_stream_version').on(table.stream, table.version)],
);

/** Names, reasons and output by salted digest, so that they can be erased without breaking the chain. */
export const texts = sqliteTable('texts', { ref: text().primaryKey(), words: text() });

/** What is decided for all services: one row. */
export const installation = sqliteTable('installation', {
  id: integer().primaryKey(),
  row: json<Installation>().notNull(),
});

export const services = sqliteTable('services', {
  service: text().primaryKey(),
  row: json<Service>().notNull(),
});

export const releases = sqliteTable(
  'releases',
  {
    service: text().notNull(),
    version: integer().notNull(),
    sha: text().notNull(),
    state: text().notNull(),
    row: json<Release>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.service, table.version] }),
    index('releases_sha').on(table.service, table.sha),
    index('releases_state').on(table.state),
  ],
);

/** Releases of groups of services. */
export const groups = sqliteTable(
  'groups',
  {
    group: text().notNull(),
    number: integer().notNull(),
    /** 1 while something may still come of it. */
    open: integer({ mode: 'boolean' }).notNull(),
    row: json<GroupRelease>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.group, table.number] }), index('groups_open').on(table.open)],
);

export const slots = sqliteTable(
  'slots',
  {
    service: text().notNull(),
    environment: text().notNull(),
    /** When its lock ends, or its holder is asked about it. */
    dueAt: integer('due_at'),
    row: json<Slot>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.service, table.environment] }),
    index('slots_due').on(table.dueAt).where(sql`${table.dueAt} IS NOT NULL`),
  ],
);

export const deployments = sqliteTable(
  'deployments',
  {
    id: text().primaryKey(),
    service: text().notNull(),
    version: integer().notNull(),
    environment: text().notNull(),
    state: text().notNull(),
    requestedAt: integer('requested_at').notNull(),
    /** When its wait is over, if it waits. */
    waitUntil: integer('wait_until'),
    row: json<Deployment>().notNull(),
  },
  (table) => [
    index('deployments_release').on(table.service, table.version),
    index('deployments_recent').on(table.service, table.requestedAt),
    index('deployments_place').on(table.service, table.environment, table.requestedAt),
    index('deployments_wait').on(table.waitUntil).where(sql`${table.waitUntil} IS NOT NULL`),
    index('deployments_state').on(table.state),
  ],
);

/** Work that is wanted of workers, with the attempt that counts. */
export const tasks = sqliteTable(
  'tasks',
  {
    effect: text().notNull(),
    generation: integer().notNull(),
    kind: text().$type<TaskKind>().notNull(),
    service: text().notNull(),
    subjectKey: text('subject_key').notNull(),
    subject: json<Subject>().notNull(),
    stage: text().notNull(),
    undo: integer({ mode: 'boolean' }).notNull(),
    input: json<unknown>().notNull(),
    state: text().$type<'wanted' | 'done' | 'failed' | 'cancelled'>().notNull(),
    attempt: integer().notNull(),
    tries: integer().notNull(),
    /** The id of the current attempt's job. */
    job: text().notNull(),
    known: json<unknown>(),
    note: text(),
    notBefore: integer('not_before').notNull(),
    deadline: integer().notNull(),
    attemptLimit: integer('attempt_limit').notNull(),
    enqueued: integer({ mode: 'boolean' }).notNull(),
    stopping: integer({ mode: 'boolean' }).notNull(),
    missingSince: integer('missing_since'),
    endedAt: integer('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.effect, table.generation] }),
    // What is over leaves it: it stays as small as what is open, of which all else is asked in memory.
    index('tasks_subject').on(table.subjectKey).where(isWanted(table)),
  ],
);

/**
 * That a task is not over. With the state as a literal: SQLite uses a partial index only for a condition that it knows when
 * it prepares the statement (https://www.sqlite.org/partialindex.html, section 3).
 */
export function isWanted({ state }: { state: SQLWrapper }): SQL {
  return sql`${state} = 'wanted'`;
}

/** What each slot would go back to, as last looked at. */
export const standbys = sqliteTable(
  'standbys',
  {
    service: text().notNull(),
    environment: text().notNull(),
    row: json<Standby>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.service, table.environment] })],
);

/** What each provider showed when it was last asked for all that it has of this installation. */
export const inventories = sqliteTable('inventories', {
  provider: text().primaryKey(),
  at: integer().notNull(),
  found: json<Marked[]>().notNull(),
});

/** What Slack is to show: cards kept equal to their view, notes posted once. */
export const messages = sqliteTable(
  'messages',
  {
    key: text().primaryKey(),
    channel: text().notNull(),
    /** The workspace of the channel; none from a time when there was only one. */
    team: text(),
    content: json<Message['content']>().notNull(),
    revision: integer().notNull(),
    shownRevision: integer('shown_revision').notNull(),
    postedChannel: text('posted_channel'),
    postedTs: text('posted_ts'),
    shown: text(),
    tries: integer().notNull(),
    notBefore: integer('not_before').notNull(),
    final: integer({ mode: 'boolean' }).notNull(),
    /** 1 while Slack does not show the newest revision. */
    due: integer({ mode: 'boolean' }).notNull(),
    givenUp: text('given_up'),
  },
  (table) => [index('messages_due').on(table.due, table.notBefore)],
);

/** What is told outside of Slack: states that are kept told at a forge. */
export const outward = sqliteTable(
  'outward',
  {
    key: text().primaryKey(),
    service: text().notNull(),
    content: json<Outward>().notNull(),
    revision: integer().notNull(),
    toldRevision: integer('told_revision').notNull(),
    /** When it changed last. */
    since: integer().notNull(),
    /** What the other side called it. */
    known: text(),
    tries: integer().notNull(),
    notBefore: integer('not_before').notNull(),
    /** 1 while the other side does not have the newest revision. */
    due: integer({ mode: 'boolean' }).notNull(),
    givenUp: text('given_up'),
  },
  (table) => [index('outward_due').on(table.due, table.notBefore)],
);

/** Deliveries of webhooks that were seen, so that a redelivery does nothing twice. */
export const deliveries = sqliteTable(
  'deliveries',
  { source: text().notNull(), id: text().notNull(), at: integer().notNull() },
  (table) => [primaryKey({ columns: [table.source, table.id] })],
);
