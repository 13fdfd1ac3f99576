import type { Standby } from '../pipeline/domain/standby.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import type { StandbyView } from '../pipeline/views.ts';
import type { Db } from './db.ts';
import { readStatements } from './read-statements.ts';
import { statements } from './statements.ts';

/** What each environment of a service would go back to, with how long it takes to start as far as that is known. */
export const standbyViews = (db: Db, service: string): StandbyView[] =>
  statements(db)
    .standbysOf.all({ service })
    .map(({ row }) => {
      const startedIn = rehearsedIn(row) ?? launchedIn(db, row);
      return startedIn === undefined ? row : { ...row, startedIn };
    });

const rehearsedIn = ({ version, rehearsal }: Standby): Millis | undefined =>
  rehearsal?.version === version && rehearsal?.passed ? rehearsal.startedIn : undefined;

/** How long it took when it was last started there for real. */
function launchedIn(db: Db, { service, environment, version }: Standby): Millis | undefined {
  if (version === undefined) return undefined;
  const newest = readStatements(db).newestOfRelease.all({ service, version, limit: 20 });
  for (const { row } of newest) {
    const { beganAt, endedAt, state } = row.stages.launch;
    if (row.environment !== environment || row.warm || state !== 'passed') continue;
    if (beganAt !== undefined && endedAt !== undefined) return endedAt - beganAt;
  }
  return undefined;
}
