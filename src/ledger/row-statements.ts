import { and, desc, eq } from 'drizzle-orm';
import type { Db } from './db.ts';
import { excluded, given, write } from './prepared.ts';
import { deployments, groups, installation, releases, services, slots, standbys } from './schema.ts';

/** The statements that read and write the folded rows. */
export function rowStatements(db: Db) {
  return {
    installation: db.select({ row: installation.row }).from(installation).limit(1).prepare(),
    putInstallation: write(
      db,
      db
        .insert(installation)
        .values({ id: 1, row: given('row') })
        .onConflictDoUpdate({ target: installation.id, set: { row: excluded('row') } }),
    ),
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
    group: db
      .select({ row: groups.row })
      .from(groups)
      .where(and(eq(groups.group, given('group')), eq(groups.number, given('number'))))
      .prepare(),
    newestOfGroup: db
      .select({ row: groups.row })
      .from(groups)
      .where(eq(groups.group, given('group')))
      .orderBy(desc(groups.number))
      .limit(given('limit'))
      .prepare(),
    openOfGroup: db
      .select({ row: groups.row })
      .from(groups)
      .where(and(eq(groups.group, given('group')), eq(groups.open, true)))
      .prepare(),
    openGroups: db.select({ row: groups.row }).from(groups).where(eq(groups.open, true)).prepare(),
    putGroup: write(
      db,
      db
        .insert(groups)
        .values({
          group: given('group'),
          number: given('number'),
          open: given('open'),
          row: given('row'),
        })
        .onConflictDoUpdate({
          target: [groups.group, groups.number],
          set: { open: excluded('open'), row: excluded('row') },
        }),
    ),
    slotsOf: db
      .select({ row: slots.row })
      .from(slots)
      .where(eq(slots.service, given('service')))
      .prepare(),
    everySlot: db.select({ row: slots.row }).from(slots).prepare(),
    standbysOf: db
      .select({ row: standbys.row })
      .from(standbys)
      .where(eq(standbys.service, given('service')))
      .prepare(),
    releasesBySha: db
      .select({ row: releases.row })
      .from(releases)
      .where(and(eq(releases.service, given('service')), eq(releases.sha, given('sha'))))
      .prepare(),
    versions: db
      .select({ version: releases.version })
      .from(releases)
      .where(eq(releases.service, given('service')))
      .orderBy(desc(releases.version))
      .prepare(),
    newestReleases: db
      .select({ row: releases.row })
      .from(releases)
      .where(eq(releases.service, given('service')))
      .orderBy(desc(releases.version))
      .limit(given('limit'))
      .prepare(),
    putService: write(
      db,
      db
        .insert(services)
        .values({ service: given('service'), row: given('row') })
        .onConflictDoUpdate({ target: services.service, set: { row: excluded('row') } }),
    ),
    putRelease: write(
      db,
      db
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
        }),
    ),
    putSlot: write(
      db,
      db
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
        }),
    ),
    putDeployment: write(
      db,
      db
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
        }),
    ),
  };
}
