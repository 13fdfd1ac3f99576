import { createHash } from 'node:crypto';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { installationStream, serviceStream, slotStream } from '../pipeline/domain/event.ts';
import { newService } from '../pipeline/domain/evolve-service.ts';
import { newInstallation } from '../pipeline/domain/installation.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Loaded, Named } from '../pipeline/ledger.ts';
import { versionOf } from './append.ts';
import type { Db } from './database.ts';
import { releasesWithImage } from './image-list.ts';
import { recentReleases } from './recent-releases.ts';
import { type Statements, statements } from './statements.ts';

/** The installation's id, the salt of its texts, and how often its ledger was restored. */
export interface Installation {
  owner: string;
  salt: string;
  epoch: number;
}

/**
 * Reads what a decision about a service may know. Bounded, however long its history. To be called inside a transaction:
 * rows and versions are of one moment.
 */
export function loadFacts(db: Db, service: string, named: Named, installation: Installation): Loaded {
  const on = statements(db);
  const head = on.service.get({ service })?.row ?? newService(service);
  const slotRows = on.slotsOf.all({ service }).map(({ row }) => row);
  const deploymentRows = loadDeployments(on, service, slotRows, named);
  const releaseRows = loadReleases(db, head, slotRows, deploymentRows, named);
  const withImage = named.images === true ? releasesWithImage(db, service) : [];
  const versions = {
    [installationStream]: versionOf(on, installationStream),
    [serviceStream(service)]: versionOf(on, serviceStream(service)),
  };
  for (const { environment } of slotRows) {
    versions[slotStream(service, environment)] = versionOf(on, slotStream(service, environment));
  }
  return {
    facts: {
      owner: installation.owner,
      epoch: installation.epoch,
      installation: on.installation.get()?.row ?? newInstallation,
      service: head,
      releases: new Map([...withImage, ...releaseRows].map((row) => [row.version, row])),
      slots: new Map(slotRows.map((row) => [row.environment, row])),
      deployments: new Map(deploymentRows.map((row) => [row.id, row])),
      standbys: new Map(on.standbysOf.all({ service }).map(({ row }) => [row.environment, row])),
      tasks: on.openTasks.all({ service }),
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

function loadDeployments(on: Statements, service: string, slotRows: Slot[], named: Named): Deployment[] {
  const ids = new Set(
    slotRows.flatMap(({ open, live, beside, lease }) => [
      ...open,
      ...[live?.deployment, beside?.deployment, lease?.deployment].filter((id) => id !== undefined),
    ]),
  );
  if (named.deployment !== undefined) ids.add(named.deployment);
  if (ids.size === 0) return [];
  return on.deploymentsByIds.all({ service, ids: JSON.stringify([...ids]) }).map(({ row }) => row);
}

function loadReleases(
  db: Db,
  { service, open: openVersions }: Service,
  slotRows: Slot[],
  open: Deployment[],
  named: Named,
): Release[] {
  const versions = new Set([
    ...openVersions,
    ...open.map(({ version }) => version),
    ...slotRows.flatMap(({ live, beside }) =>
      [live?.version, beside?.version].filter((version) => version !== undefined),
    ),
  ]);
  if (named.version !== undefined) versions.add(named.version);
  const on = statements(db);
  const newest = recentReleases(db).of(service);
  for (const { version } of newest) versions.delete(version);
  const others =
    versions.size === 0
      ? []
      : on.releasesByVersions.all({ service, versions: JSON.stringify([...versions]) });
  const same = named.sha === undefined ? [] : on.releasesBySha.all({ service, sha: named.sha });
  const all = [...[...others, ...same].map(({ row }) => row), ...newest];
  return [...new Map(all.map((row) => [row.version, row])).values()];
}
