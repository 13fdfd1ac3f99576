import { and, asc, desc, eq, isNull, lte, sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { given, listed, perLedger } from './prepared.ts';
import { deployments, events, isWanted, messages, outward, releases, tasks, texts } from './schema.ts';

/** The statements of every drawing of a card, prepared once for each open ledger: a thousand cards are drawn over and over. */
function prepared(db: Db) {
  const isDue = and(eq(messages.due, true), isNull(messages.givenUp), lte(messages.notBefore, given('now')));
  const ofService = eq(deployments.service, given('service'));
  return {
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
        tries: tasks.tries,
        note: tasks.note,
        deadline: tasks.deadline,
      })
      .from(tasks)
      .where(and(eq(tasks.subjectKey, given('subjectKey')), isWanted(tasks)))
      .prepare(),
    event: db
      .select({ shape: events.shape, body: events.body, at: events.at })
      .from(events)
      .where(eq(events.seq, given('seq')))
      .prepare(),
    newestOfRelease: db
      .select({ row: deployments.row })
      .from(deployments)
      .where(and(ofService, eq(deployments.version, given('version'))))
      .orderBy(desc(deployments.requestedAt))
      .limit(given('limit'))
      .prepare(),
    dueOutward: db
      .select()
      .from(outward)
      .where(and(eq(outward.due, true), lte(outward.notBefore, given('now'))))
      .orderBy(asc(outward.notBefore))
      .limit(given('limit'))
      .prepare(),
    texts: db
      .select()
      .from(texts)
      .where(sql`${texts.ref} IN ${listed('refs')}`)
      .prepare(),
    message: db
      .select()
      .from(messages)
      .where(eq(messages.key, given('key')))
      .prepare(),
    dueMessages: db
      .select()
      .from(messages)
      .where(isDue)
      .orderBy(desc(messages.final), asc(messages.notBefore))
      .limit(given('limit'))
      .prepare(),
    dueMessagesOf: db
      .select()
      .from(messages)
      .where(and(isDue, sql`${messages.team} IS ${given('team')}`))
      .orderBy(desc(messages.final), asc(messages.notBefore))
      .limit(given('limit'))
      .prepare(),
  };
}

/** The prepared reads of an open ledger. */
export const readStatements = perLedger(prepared);
