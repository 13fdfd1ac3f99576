import { and, asc, desc, eq, isNull, lte, type Placeholder, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { deployments, messages, releases, slots, tasks, texts } from './schema.ts';

const given = (name: string): Placeholder => sql.placeholder(name);

/** The statements of every drawing of a card, prepared once for each open ledger: a thousand cards are drawn over and over. */
function prepared(db: Db) {
  const ofService = eq(deployments.service, given('service'));
  return {
    slotsOf: db
      .select({ row: slots.row })
      .from(slots)
      .where(eq(slots.service, given('service')))
      .prepare(),
    newestReleases: db
      .select({ row: releases.row })
      .from(releases)
      .where(eq(releases.service, given('service')))
      .orderBy(desc(releases.version))
      .limit(given('limit'))
      .prepare(),
    releasesOfCommit: db
      .select({ row: releases.row })
      .from(releases)
      .where(and(eq(releases.service, given('service')), eq(releases.sha, given('sha'))))
      .orderBy(desc(releases.version))
      .prepare(),
    recentDeployments: db
      .select({ row: deployments.row })
      .from(deployments)
      .where(ofService)
      .orderBy(desc(deployments.requestedAt))
      .limit(given('limit'))
      .prepare(),
    recentInEnvironment: db
      .select({ row: deployments.row })
      .from(deployments)
      .where(and(ofService, eq(deployments.environment, given('environment'))))
      .orderBy(desc(deployments.requestedAt))
      .limit(given('limit'))
      .prepare(),
    deploymentsOfRelease: db
      .select({ row: deployments.row })
      .from(deployments)
      .where(and(ofService, eq(deployments.version, given('version'))))
      .orderBy(asc(deployments.requestedAt))
      .prepare(),
    wantedTasks: db
      .select({
        stage: tasks.stage,
        kind: tasks.kind,
        attempt: tasks.attempt,
        note: tasks.note,
        deadline: tasks.deadline,
      })
      .from(tasks)
      .where(and(eq(tasks.subjectKey, given('subjectKey')), eq(tasks.state, 'wanted')))
      .prepare(),
    texts: db
      .select()
      .from(texts)
      .where(sql`${texts.ref} IN (SELECT value FROM json_each(${given('refs')}))`)
      .prepare(),
    message: db
      .select()
      .from(messages)
      .where(eq(messages.key, given('key')))
      .prepare(),
    dueMessages: db
      .select()
      .from(messages)
      .where(and(eq(messages.due, true), isNull(messages.givenUp), lte(messages.notBefore, given('now'))))
      .orderBy(desc(messages.final), asc(messages.notBefore))
      .limit(given('limit'))
      .prepare(),
  };
}

export type ReadStatements = ReturnType<typeof prepared>;

const byLedger = new WeakMap<Db, ReadStatements>();

/** The prepared reads of an open ledger. */
export function readStatements(db: Db): ReadStatements {
  const known = byLedger.get(db);
  if (known !== undefined) return known;
  const made = prepared(db);
  byLedger.set(db, made);
  return made;
}
