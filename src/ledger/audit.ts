import { isDeepStrictEqual } from 'node:util';
import { asc, gt } from 'drizzle-orm';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { evolve, type Rows } from '../pipeline/domain/evolve.ts';
import type { GroupRelease } from '../pipeline/domain/group.ts';
import { type Installation, newInstallation } from '../pipeline/domain/installation.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Service } from '../pipeline/domain/service.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import { streamProblems, textProblems } from './audit-texts.ts';
import { firstHash, linkHash } from './chain.ts';
import type { Db } from './db.ts';
import { deployments, events, groups, installation, releases, services, slots } from './schema.ts';
import { upcast } from './upcast.ts';

export interface AuditReport {
  events: number;
  /** The newest hash: publish it elsewhere, since no chain shows a tail that was cut. */
  head: string;
  /** What is wrong, one sentence each, with the row named. */
  problems: string[];
}

const page = 1_000;

/** Checks the whole chain, folds all events anew, and compares what comes out with the stored tables. */
export function audit(db: Db): AuditReport {
  const problems: string[] = [];
  const rebuilt = new MapRows();
  let previous = firstHash;
  let count = 0;
  let last = 0;
  for (;;) {
    const rows = db
      .select()
      .from(events)
      .where(gt(events.seq, last))
      .orderBy(asc(events.seq))
      .limit(page)
      .all();
    for (const row of rows) {
      if (row.seq !== last + 1) problems.push(`Events ${last + 1} to ${row.seq - 1} are missing.`);
      const expected = linkHash(previous, row);
      if (expected !== row.hash)
        problems.push(
          `Event ${row.seq} (${row.type} of ${row.stream}) does not fit the chain: it, or one before it, was changed.`,
        );
      const trouble = fold(rebuilt, row);
      if (trouble !== undefined) problems.push(trouble);
      previous = row.hash;
      last = row.seq;
      count += 1;
    }
    if (rows.length < page) break;
  }
  return {
    events: count,
    head: previous,
    problems: [...problems, ...streamProblems(db), ...textProblems(db), ...differences(db, rebuilt)],
  };
}

/** Folds an event, or says that it cannot be read any more. */
function fold(rows: Rows, row: typeof events.$inferSelect): string | undefined {
  try {
    evolve(rows, { event: upcast(row.shape, row.body), at: row.at });
    return undefined;
  } catch {
    return `Event ${row.seq} (${row.type} of ${row.stream}) cannot be read any more: it was changed.`;
  }
}

function differences(db: Db, rebuilt: MapRows): string[] {
  const stored: [string, unknown][] = [
    ...db
      .select()
      .from(installation)
      .all()
      .map(({ row }): [string, unknown] => ['the installation', row]),
    ...db
      .select()
      .from(services)
      .all()
      .map(({ row }): [string, unknown] => [row.service, row]),
    ...db
      .select()
      .from(releases)
      .all()
      .map(({ row }): [string, unknown] => [`${row.service} v${row.version}`, row]),
    ...db
      .select()
      .from(slots)
      .all()
      .map(({ row }): [string, unknown] => [`${row.service}/${row.environment}`, row]),
    ...db
      .select()
      .from(deployments)
      .all()
      .map(({ row }): [string, unknown] => [row.id, row]),
    ...db
      .select()
      .from(groups)
      .all()
      .map(({ row }): [string, unknown] => [`the group ${row.group} v${row.number}`, row]),
  ];
  const known = new Set(stored.map(([name]) => name));
  const changed = stored
    .filter(([name, row]) => !isDeepStrictEqual(row, asStored(rebuilt.rows.get(name))))
    .map(([name]) => `The row of ${name} is not what its events say.`);
  const missing = [...rebuilt.rows.keys()]
    .filter((name) => !known.has(name))
    .map((name) => `The row of ${name} is missing.`);
  return [...changed, ...missing];
}

/** As a row reads after it was written: without what JSON leaves out. */
const asStored = (row: unknown): unknown => (row === undefined ? undefined : JSON.parse(JSON.stringify(row)));

/** Rows in memory, to fold all events into. */
class MapRows implements Rows {
  readonly rows = new Map<string, Service | Release | Slot | Deployment | GroupRelease | Installation>();
  #installation: Installation | undefined;
  readonly #services = new Map<string, Service>();
  readonly #releases = new Map<string, Release>();
  readonly #slots = new Map<string, Slot>();
  readonly #deployments = new Map<string, Deployment>();
  readonly #groups = new Map<string, GroupRelease>();

  installation = () => this.#installation ?? newInstallation;
  putInstallation(row: Installation): void {
    this.#installation = row;
    this.rows.set('the installation', row);
  }
  service = (name: string) => this.#services.get(name);
  release = (service: string, version: number) => this.#releases.get(`${service} v${version}`);
  slot = (service: string, environment: string) => this.#slots.get(`${service}/${environment}`);
  deployment = (id: string) => this.#deployments.get(id);
  group = (group: string, number: number) => this.#groups.get(`the group ${group} v${number}`);

  putService(row: Service): void {
    this.#put(this.#services, row.service, row);
  }
  putRelease(row: Release): void {
    this.#put(this.#releases, `${row.service} v${row.version}`, row);
  }
  putSlot(row: Slot): void {
    this.#put(this.#slots, `${row.service}/${row.environment}`, row);
  }
  putDeployment(row: Deployment): void {
    this.#put(this.#deployments, row.id, row);
  }

  putGroup(row: GroupRelease): void {
    this.#put(this.#groups, `the group ${row.group} v${row.number}`, row);
  }

  #put<Row extends Service | Release | Slot | Deployment | GroupRelease>(
    rows: Map<string, Row>,
    name: string,
    row: Row,
  ): void {
    rows.set(name, row);
    this.rows.set(name, row);
  }
}
