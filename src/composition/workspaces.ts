import type { Config, SlackSettings } from '../config/config.ts';
import type { Db } from '../ledger/db.ts';
import { nameWorkspace, waitingElsewhere } from '../ledger/workspaces.ts';
import { type Place, placeOf } from '../pipeline/domain/workspace.ts';

/**
 * Brings the ledger in line with the workspaces of bot.yaml, and returns where each is told what is about no single
 * service, the first one first.
 */
export function openWorkspaces(
  [first, ...others]: Config['slack'],
  db: Db,
  log: { warn(fields: object, message: string): void },
): [Place, ...Place[]] {
  if (first.workspace !== undefined) nameWorkspace(db, first.workspace.team);
  const waiting = waitingElsewhere(
    db,
    [first, ...others].map(({ workspace }) => workspace?.team),
  );
  if (waiting > 0)
    log.warn({ waiting }, 'messages wait for a Slack workspace that bot.yaml does not name any more');
  return [adminPlaceOf(first), ...others.map(adminPlaceOf)];
}

const adminPlaceOf = ({ adminChannel, workspace }: SlackSettings): Place =>
  placeOf({ channel: adminChannel, ...(workspace === undefined ? {} : { workspace }) });
