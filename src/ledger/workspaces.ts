import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from './db.ts';
import { messages } from './schema.ts';

/**
 * What was written while there was only one workspace belongs to this one from now on, so that no order of the files
 * decides later by whose token it is edited. Returns how many messages that were.
 */
export const nameWorkspace = (db: Db, team: string): number =>
  db.update(messages).set({ team }).where(isNull(messages.team)).run().changes;

/** How many messages wait for a workspace that is none of these (`undefined`: the only one): nobody shows them. */
export const waitingElsewhere = (db: Db, teams: readonly (string | undefined)[]): number =>
  db
    .select({ team: messages.team })
    .from(messages)
    .where(and(eq(messages.due, true), isNull(messages.givenUp)))
    .all()
    .filter(({ team }) => !teams.includes(team ?? undefined)).length;
