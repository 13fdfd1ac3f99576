import { openLedgerFile } from '../ledger/database.ts';
import type { Db } from '../ledger/db.ts';
import { deployments, releases, slots, tasks } from '../ledger/schema.ts';
import { isDeploymentOver } from '../pipeline/domain/deployment.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { StageRecord } from '../pipeline/domain/stage-record.ts';
import type { Traffic } from './traffic.ts';

/** What the ledger says at a moment, for the story to check itself by. */
export interface Facts {
  live: number | undefined;
  liveDigest: string | undefined;
  builds: number;
  bakes: number;
  openDeployments: number;
  soaked: boolean;
  /** Whether a deployment of a version to an environment is still open. */
  open(version: number, environment: string): boolean;
  release(version: number): Release | undefined;
  imageOf(version: number): string | undefined;
  /** Every deployment of a version: where it was, and the digest that it ran from. */
  ran(version: number): { environment: string; digest: string }[];
  stages: { name: string; times: string }[];
}

/** The facts that the ledger of a data directory holds now. */
export function factsIn(data: string): Facts {
  const file = openLedgerFile(data);
  try {
    return readFacts(file.db);
  } finally {
    file.close();
  }
}

function readFacts(db: Db): Facts {
  const releaseRows = db
    .select()
    .from(releases)
    .all()
    .map(({ row }) => row);
  const deploymentRows = db
    .select()
    .from(deployments)
    .all()
    .map(({ row }) => row);
  const slot = db
    .select()
    .from(slots)
    .all()
    .find(({ environment }) => environment === 'production')?.row;
  const held = deploymentRows.find(({ id }) => id === slot?.live?.deployment);
  const kinds = db
    .select({ kind: tasks.kind })
    .from(tasks)
    .all()
    .map(({ kind }) => kind);
  const release = (version: number) => releaseRows.find((row) => row.version === version);
  return {
    live: slot?.live?.version,
    liveDigest: held?.image.digest,
    builds: kinds.filter((kind) => kind === 'build').length,
    bakes: kinds.filter((kind) => kind === 'bake').length,
    openDeployments: deploymentRows.filter((row) => row.version === 6 && !isDeploymentOver(row)).length,
    soaked: held?.stages.soak.state === 'passed',
    open: (version, environment) =>
      deploymentRows.some(
        (row) => row.version === version && row.environment === environment && !isDeploymentOver(row),
      ),
    release,
    imageOf: (version) => release(version)?.image?.digest,
    ran: (version) =>
      deploymentRows
        .filter((row) => row.version === version)
        .map(({ environment, image }) => ({ environment, digest: image.digest })),
    stages: [
      ...releaseRows.map((row) => ({
        name: `${row.service} v${row.version} (${row.state})`,
        times: timesOf(row.stages),
      })),
      ...deploymentRows
        .filter(({ environment }) => environment === 'production')
        .map((row) => ({
          name: `v${row.version} to production (${row.kind}, ${row.state})`,
          times: timesOf(row.stages),
        })),
    ],
  };
}

function timesOf(stages: Record<string, StageRecord>): string {
  return Object.entries(stages)
    .filter(
      ([, { beganAt, endedAt, state }]) =>
        beganAt !== undefined && endedAt !== undefined && state !== 'skipped',
    )
    .map(([name, { beganAt = 0, endedAt = 0, state }]) => {
      const mark = state === 'passed' ? '' : ` ${state}`;
      return `${name} ${((endedAt - beganAt) / 1000).toFixed(1)}s${mark}`;
    })
    .join(' · ');
}

/** The last lines of the story. */
export function summary(
  facts: Facts,
  traffic: Traffic,
  rollback: { firstAfter: number; allAfter: number } | undefined,
): string[] {
  const versions = Object.entries(traffic.byVersion).sort(([a], [b]) => a.localeCompare(b));
  return [
    '',
    'Time per stage',
    ...facts.stages.map(({ name, times }) => `  ${name.padEnd(52)} ${times}`),
    '',
    ...(rollback === undefined
      ? []
      : [
          `/rollback to the first response of v1: ${(rollback.firstAfter / 1000).toFixed(2)} s, to all responses: ${(rollback.allAfter / 1000).toFixed(2)} s`,
        ]),
    `responses per version: ${versions.map(([version, count]) => `${version} ${count}`).join(', ')}`,
    `requests sent: ${traffic.sent}, failed: ${traffic.failed}`,
  ];
}
