import { createHash } from 'node:crypto';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { installationStream, serviceStream, slotStream } from '../pipeline/domain/event.ts';
import { newService } from '../pipeline/domain/evolve-service.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Loaded, Named } from '../pipeline/ledger.ts';
import type { Db } from './db.ts';
import { releasesWithImage } from './image-list.ts';
import { openTasks } from './open-tasks.ts';
import { type RememberedRows, rememberedRows } from './remembered-rows.ts';
import { rowMemory } from './row-memory.ts';
import { statements } from './statements.ts';

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
  rowMemory(db).begin();
  const rows = rememberedRows(db);
  const head = rows.service(service) ?? newService(service);
  const slotRows = rows.slots(service);
  const deploymentRows = loadDeployments(rows, service, slotRows, named);
  const releaseRows = loadReleases(db, rows, { head, slotRows, deploymentRows }, named);
  const withImage = named.images === true ? releasesWithImage(db, service) : [];
  const streams = [
    installationStream,
    serviceStream(service),
    ...slotRows.map(({ environment }) => slotStream(service, environment)),
  ];
  return {
    facts: {
      owner: installation.owner,
      epoch: installation.epoch,
      installation: rows.installation(),
      service: head,
      releases: new Map([...withImage, ...releaseRows].map((row) => [row.version, row])),
      slots: new Map(slotRows.map((row) => [row.environment, row])),
      deployments: new Map(deploymentRows.map((row) => [row.id, row])),
      standbys: new Map(rows.standbys(service).map((row) => [row.environment, row])),
      tasks: openTasks(db).rows.ofService(service),
      textRef: textRefs(installation.salt),
    },
    versions: Object.fromEntries(streams.map((stream) => [stream, rows.streamVersion(stream)])),
  };
}

/** The salted digest under which a text lies in the side table. */
export const textRefs =
  (salt: string) =>
  (words: string): string =>
    `t${createHash('sha256').update(salt).update('\0').update(words).digest('hex').slice(0, 40)}`;

function loadDeployments(
  rows: RememberedRows,
  service: string,
  slotRows: Slot[],
  named: Named,
): Deployment[] {
  const ids = new Set(
    slotRows.flatMap(({ open, live, beside, lease }) => [
      ...open,
      ...[live?.deployment, beside?.deployment, lease?.deployment].filter((id) => id !== undefined),
    ]),
  );
  if (named.deployment !== undefined) ids.add(named.deployment);
  for (const id of named.deployments ?? []) ids.add(id);
  // An id from outside may be another service's.
  return [...ids].flatMap((id) => rows.deployment(id) ?? []).filter((row) => row.service === service);
}

function loadReleases(
  db: Db,
  rows: RememberedRows,
  open: { head: Service; slotRows: Slot[]; deploymentRows: Deployment[] },
  named: Named,
): Release[] {
  const { service } = open.head;
  const newest = rows.recentReleases(service);
  const versions = new Set([
    ...open.head.open,
    ...open.deploymentRows.map(({ version }) => version),
    ...open.slotRows.flatMap(({ live, beside }) =>
      [live?.version, beside?.version].filter((version) => version !== undefined),
    ),
  ]);
  if (named.version !== undefined) versions.add(named.version);
  for (const version of named.versions ?? []) versions.add(version);
  for (const { version } of newest) versions.delete(version);
  const others = [...versions].flatMap((version) => rows.release(service, version) ?? []);
  const same = named.sha === undefined ? [] : statements(db).releasesBySha.all({ service, sha: named.sha });
  const all = [...others, ...same.map(({ row }) => row), ...newest];
  return [...new Map(all.map((row) => [row.version, row])).values()];
}
