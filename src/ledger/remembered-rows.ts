import type { Rows } from '../pipeline/domain/evolve.ts';
import { newInstallation } from '../pipeline/domain/installation.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Standby } from '../pipeline/domain/standby.ts';
import type { Db } from './db.ts';
import { perLedger } from './prepared.ts';
import { rowMemory } from './row-memory.ts';
import { tableRows } from './rows.ts';
import { statements } from './statements.ts';

/** How many of the newest releases every decision sees: enough to find what can be gone back to. */
const recent = 20;

/** The folded rows, with what decisions need beyond a single one. */
export interface RememberedRows extends Rows {
  slots(service: string): Slot[];
  standbys(service: string): Standby[];
  /** Newest first. */
  recentReleases(service: string): Release[];
  streamVersion(stream: string): number;
  putStandby(row: Standby): void;
  putStreamVersion(stream: string, version: number): void;
}

/** The folded rows by way of the ledger's memory. For use inside a transaction that began with its `begin`. */
export const rememberedRows = perLedger(remembered);

function remembered(db: Db): RememberedRows {
  const memory = rowMemory(db);
  const tables = tableRows(db);
  const on = statements(db);
  const slots = (service: string): Slot[] =>
    memory.slots.get(service, () => on.slotsOf.all({ service }).map(({ row }) => row));
  return {
    slots,
    installation: () => memory.installation.get('', tables.installation) ?? newInstallation,
    service: (service) => memory.services.get(service, () => tables.service(service)),
    release: (service, version) =>
      memory.releases.get(`${service}/${version}`, () => tables.release(service, version)),
    slot: (service, environment) => slots(service).find((slot) => slot.environment === environment),
    deployment: (id) => memory.deployments.get(id, () => tables.deployment(id)),
    group: tables.group,
    putGroup: tables.putGroup,
    standbys: (service) =>
      memory.standbys.get(service, () => on.standbysOf.all({ service }).map(({ row }) => row)),
    recentReleases: (service) =>
      memory.recentReleases.get(service, () =>
        on.newestReleases.all({ service, limit: recent }).map(({ row }) => row),
      ),
    streamVersion: (stream) =>
      memory.versions.get(stream, () => on.streamVersion.get({ stream })?.version ?? 0),
    putInstallation: (row) => {
      tables.putInstallation(row);
      memory.installation.put('', row);
    },
    putService: (row) => {
      tables.putService(row);
      memory.services.put(row.service, row);
    },
    putRelease: (row) => {
      tables.putRelease(row);
      memory.releases.put(`${row.service}/${row.version}`, row);
      memory.recentReleases.change(row.service, (known) => newest(known, row));
    },
    putSlot: (row) => {
      tables.putSlot(row);
      memory.slots.change(row.service, (known) => byEnvironment(known, row));
    },
    putDeployment: (row) => {
      tables.putDeployment(row);
      memory.deployments.put(row.id, row);
    },
    putStandby: (row) => {
      on.putStandby.run({ service: row.service, environment: row.environment, row });
      memory.standbys.change(row.service, (known) => byEnvironment(known, row));
    },
    putStreamVersion: (stream, version) => {
      on.putStream.run({ stream, version });
      memory.versions.put(stream, version);
    },
  };
}

const newest = (known: Release[], row: Release): Release[] =>
  [row, ...known.filter(({ version }) => version !== row.version)]
    .sort((a, b) => b.version - a.version)
    .slice(0, recent);

/** In the order in which the table gives them. */
const byEnvironment = <Row extends { environment: string }>(known: Row[], row: Row): Row[] =>
  [row, ...known.filter(({ environment }) => environment !== row.environment)].sort((a, b) =>
    a.environment < b.environment ? -1 : 1,
  );
