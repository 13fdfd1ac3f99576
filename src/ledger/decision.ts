import type { Deployment } from '../pipeline/domain/deployment.ts';
import { settingsDifference } from '../pipeline/domain/difference.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { DecisionFacts, Warning } from '../pipeline/views.ts';
import type { ChangesBetween } from './changes.ts';
import type { Db } from './db.ts';
import { readStatements } from './read-statements.ts';
import { tableRows } from './rows.ts';

const day: Millis = 24 * 3_600_000;
/** A release after so long a time deserves a second look. */
const longAgo: Millis = 30 * day;
/** What went live so shortly before has hardly been seen yet. */
const young: Millis = 10 * 60_000;

/** What an approver has to know of a deployment before the button. */
export async function decisionFacts(
  db: Db,
  policy: ServicePolicy,
  deployment: Deployment,
  slot: Slot | undefined,
  changes: ChangesBetween,
  now: At,
): Promise<DecisionFacts> {
  const rows = tableRows(db);
  const live = slot?.live;
  const release = rows.release(deployment.service, deployment.version);
  const before = live === undefined ? undefined : rows.release(deployment.service, live.version);
  const serving = live === undefined ? undefined : rows.deployment(live.deployment);
  const took = lastRollback(db, deployment);
  return {
    ...(live === undefined ? {} : { live: { version: live.version, since: live.since } }),
    ...(release === undefined || before === undefined
      ? {}
      : { changes: await changes(policy, before, release) }),
    ...(serving === undefined
      ? {}
      : { settings: settingsDifference(serving.plan.settings, deployment.plan.settings) }),
    ...(took === undefined ? {} : { lastRollback: took }),
    warnings: warningsOf(db, deployment, release, serving, live?.since, now),
  };
}

function warningsOf(
  db: Db,
  deployment: Deployment,
  release: Release | undefined,
  serving: Deployment | undefined,
  liveSince: At | undefined,
  now: At,
): Warning[] {
  const warnings: Warning[] = [];
  const bad = release === undefined ? undefined : rolledBackBefore(db, release);
  if (bad !== undefined) warnings.push({ is: 'rolled back before', ...bad });
  if (liveSince === undefined) warnings.push({ is: 'first ever' });
  else if (now - liveSince > longAgo) warnings.push({ is: 'first in a while', after: now - liveSince });
  else if (now - liveSince < young) warnings.push({ is: 'live is young', age: now - liveSince });
  if (serving !== undefined && serving.image.digest === deployment.image.digest)
    warnings.push({ is: 'same image' });
  if (release !== undefined && release.suites.length === 0) warnings.push({ is: 'no tests' });
  return warnings;
}

/** A release of the same commit, this one or another, that was rolled back somewhere. */
function rolledBackBefore(
  db: Db,
  { service, commit }: Release,
): { version: number; environment: string } | undefined {
  const same = readStatements(db).releasesOfCommit.all({ service, sha: commit.sha });
  for (const { row } of same) {
    const left = Object.entries(row.standings).find(([, { standing }]) => standing === 'rolled back');
    const environment = left?.[0] ?? Object.keys(row.quarantined)[0];
    if (environment !== undefined) return { version: row.version, environment };
  }
  return undefined;
}

/** How long the last rollback in this environment took until its traffic had moved. */
function lastRollback(db: Db, { service, environment }: Deployment): Millis | undefined {
  const recent = readStatements(db).recentInEnvironment.all({ service, environment, limit: 50 });
  for (const { row } of recent) {
    const moved = row.stages['cut-over'].endedAt;
    if (row.kind === 'rollback' && row.wentLive && moved !== undefined) return moved - row.requestedAt;
  }
  return undefined;
}
