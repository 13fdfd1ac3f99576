import { createHash } from 'node:crypto';
import { and, desc, eq, inArray, or } from 'drizzle-orm';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { serviceStream, slotStream } from '../pipeline/domain/event.ts';
import { newService } from '../pipeline/domain/evolve-service.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Loaded, Named } from '../pipeline/ledger.ts';
import { versionOf } from './append.ts';
import type { Db } from './database.ts';
import { deployments, releases, services, slots, tasks } from './schema.ts';

/** How many of the newest releases every decision sees: enough to find what can be gone back to. */
const recent = 20;

/** Reads what a decision about a service may know. Bounded, however long its history. */
export function loadFacts(
  db: Db,
  service: string,
  named: Named,
  installation: { owner: string; salt: string },
): Loaded {
  const head =
    db.select().from(services).where(eq(services.service, service)).get()?.row ?? newService(service);
  const slotRows = db
    .select()
    .from(slots)
    .where(eq(slots.service, service))
    .all()
    .map(({ row }) => row);
  const deploymentRows = loadDeployments(db, service, slotRows, named);
  const releaseRows = loadReleases(db, head, slotRows, deploymentRows, named);
  const open = db
    .select()
    .from(tasks)
    .where(and(eq(tasks.service, service), eq(tasks.state, 'wanted')))
    .all();
  const versions = { [serviceStream(service)]: versionOf(db, serviceStream(service)) };
  for (const { environment } of slotRows) {
    versions[slotStream(service, environment)] = versionOf(db, slotStream(service, environment));
  }
  return {
    facts: {
      owner: installation.owner,
      service: head,
      releases: new Map(releaseRows.map((row) => [row.version, row])),
      slots: new Map(slotRows.map((row) => [row.environment, row])),
      deployments: new Map(deploymentRows.map((row) => [row.id, row])),
      tasks: open.map(({ effect, generation, subject, stage, undo }) => ({
        effect,
        generation,
        subject,
        stage,
        undo,
      })),
      textRef: textRefs(installation.salt),
    },
    versions,
  };
}

/** The salted digest under which a text lies in the side table. */
export const textRefs =
  (salt: string) =>
  (words: string): string =>
    `t${createHash('sha256').update(salt).update('\0').update(words).digest('hex').slice(0, 40)}`;

function loadDeployments(db: Db, service: string, slotRows: Slot[], named: Named): Deployment[] {
  const ids = new Set(
    slotRows.flatMap(({ open, live, beside, lease }) => [
      ...open,
      ...[live?.deployment, beside?.deployment, lease?.deployment].filter((id) => id !== undefined),
    ]),
  );
  if (named.deployment !== undefined) ids.add(named.deployment);
  if (ids.size === 0) return [];
  return db
    .select()
    .from(deployments)
    .where(and(eq(deployments.service, service), inArray(deployments.id, [...ids])))
    .all()
    .map(({ row }) => row);
}

function loadReleases(db: Db, head: Service, slotRows: Slot[], open: Deployment[], named: Named): Release[] {
  const versions = new Set([
    ...head.open,
    ...open.map(({ version }) => version),
    ...slotRows.flatMap(({ live, beside }) =>
      [live?.version, beside?.version].filter((version) => version !== undefined),
    ),
  ]);
  if (named.version !== undefined) versions.add(named.version);
  const chosen = db
    .select()
    .from(releases)
    .where(
      and(
        eq(releases.service, head.service),
        or(
          inArray(releases.version, [...versions]),
          named.sha === undefined ? undefined : eq(releases.sha, named.sha),
        ),
      ),
    )
    .all();
  const newest = db
    .select()
    .from(releases)
    .where(eq(releases.service, head.service))
    .orderBy(desc(releases.version))
    .limit(recent)
    .all();
  return [...new Map([...chosen, ...newest].map(({ row }) => [row.version, row])).values()];
}
