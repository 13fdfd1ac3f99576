import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { Rows } from '../pipeline/domain/evolve.ts';
import { activeRung, type GroupRelease } from '../pipeline/domain/group.ts';
import { type Installation, newInstallation } from '../pipeline/domain/installation.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Db } from './db.ts';
import { statements } from './statements.ts';

/** The folded rows as tables. */
export function tableRows(db: Db): Rows {
  const on = statements(db);
  return {
    installation: () => on.installation.get()?.row ?? newInstallation,
    putInstallation: (row) => {
      on.putInstallation.run({ row });
    },
    service: (service) => on.service.get({ service })?.row,
    release: (service, version) => on.release.get({ service, version })?.row,
    slot: (service, environment) => on.slot.get({ service, environment })?.row,
    deployment: (id) => on.deployment.get({ id })?.row,
    group: (group, number) => on.group.get({ group, number })?.row,
    putGroup: (row) => {
      const { group, number } = row;
      on.putGroup.run({ group, number, open: activeRung(row) !== undefined, row });
    },
    putService: (row) => {
      on.putService.run({ service: row.service, row });
    },
    putRelease: (row) => {
      const { service, version, state } = row;
      on.putRelease.run({ service, version, sha: row.commit.sha, state, row });
    },
    putSlot: (row) => {
      on.putSlot.run({ service: row.service, environment: row.environment, dueAt: lockDue(row), row });
    },
    putDeployment: (row) => {
      const { id, service, version, environment, requestedAt, state } = row;
      const waitUntil = state === 'running' ? waitDue(row) : null;
      on.putDeployment.run({ id, service, version, environment, requestedAt, state, waitUntil, row });
    },
  };
}

/** When the clock has to look at it next: a wait's end, or before that a reminder. */
const waitDue = ({ wait }: Deployment): number | null =>
  wait === undefined ? null : Math.min(wait.until, wait.remindAt ?? wait.until);

const lockDue = ({ lock }: Slot): number | null =>
  lock === undefined ? null : Math.min(lock.until, lock.nagAt);

/** Rows that are read once and written once, however many events of one commit are folded into them. */
export function bufferedRows(rows: Rows): Rows & { flush(): void } {
  const installationRow = new Buffered<Installation>((row) => rows.putInstallation(row));
  const serviceRows = new Buffered<Service>((row) => rows.putService(row));
  const releaseRows = new Buffered<Release>((row) => rows.putRelease(row));
  const slotRows = new Buffered<Slot>((row) => rows.putSlot(row));
  const deploymentRows = new Buffered<Deployment>((row) => rows.putDeployment(row));
  const groupRows = new Buffered<GroupRelease>((row) => rows.putGroup(row));
  return {
    installation: () => installationRow.get('', () => rows.installation()) ?? newInstallation,
    putInstallation: (row) => installationRow.put('', row),
    service: (name) => serviceRows.get(name, () => rows.service(name)),
    release: (service, version) =>
      releaseRows.get(`${service}/${version}`, () => rows.release(service, version)),
    slot: (service, environment) =>
      slotRows.get(`${service}/${environment}`, () => rows.slot(service, environment)),
    deployment: (id) => deploymentRows.get(id, () => rows.deployment(id)),
    putService: (row) => serviceRows.put(row.service, row),
    putRelease: (row) => releaseRows.put(`${row.service}/${row.version}`, row),
    putSlot: (row) => slotRows.put(`${row.service}/${row.environment}`, row),
    putDeployment: (row) => deploymentRows.put(row.id, row),
    group: (group, number) => groupRows.get(`${group}/${number}`, () => rows.group(group, number)),
    putGroup: (row) => groupRows.put(`${row.group}/${row.number}`, row),
    flush: () => {
      for (const buffered of [installationRow, serviceRows, releaseRows, slotRows, deploymentRows, groupRows])
        buffered.flush();
    },
  };
}

class Buffered<Row> {
  readonly #rows = new Map<string, Row | undefined>();
  readonly #changed = new Set<string>();
  readonly #write: (row: Row) => void;

  constructor(write: (row: Row) => void) {
    this.#write = write;
  }

  get(key: string, read: () => Row | undefined): Row | undefined {
    if (!this.#rows.has(key)) this.#rows.set(key, read());
    return this.#rows.get(key);
  }

  put(key: string, row: Row): void {
    // Many events leave most of the rows that they name as they are.
    if (this.#rows.get(key) === row) return;
    this.#rows.set(key, row);
    this.#changed.add(key);
  }

  flush(): void {
    for (const key of this.#changed) {
      const row = this.#rows.get(key);
      if (row !== undefined) this.#write(row);
    }
    this.#changed.clear();
  }
}
