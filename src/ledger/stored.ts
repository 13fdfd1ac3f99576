import { inArray, sql } from 'drizzle-orm';
import type { At, Digest } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { deployments, isWanted, releases, services, slots, tasks } from './schema.ts';

interface Stored {
  names: Set<string>;
  /** Of images that are kept: what they name in turn is kept too. */
  manifests: Set<Digest>;
}

/** Digests as they stand in rows, whatever they name there: a package, a manifest, a recipe's file, a script. */
const digests = /sha256:[0-9a-f]{64}/g;

/** Whether a person is to look at something first: then the ledger may not know of all that is in use. */
export const isStoreHeld = (db: Db): boolean =>
  db
    .select({ row: services.row })
    .from(services)
    .all()
    .some(({ row }) => row.restoring !== undefined || row.reaperStopped !== undefined);

/**
 * What of the store is kept: all that rows of releases with an image name, of those that are under way or younger than
 * `since`, of slots, of open deployments and of tasks that are wanted; with the ids of their logs.
 */
export function storedNames(db: Db, since: At): Stored {
  const names = new Set<string>();
  const manifests = new Set<Digest>();
  const take = (text: string): void => {
    for (const [digest] of text.matchAll(digests)) names.add(digest);
  };
  const kept = db
    .select({ row: releases.row })
    .from(releases)
    .where(
      sql`(json_extract(${releases.row}, '$.image.id') IS NOT NULL AND json_extract(${releases.row}, '$.imageRemovedAt') IS NULL)
        OR ${releases.state} IN ('running', 'stopping', 'undoing')
        OR json_extract(${releases.row}, '$.requestedAt') >= ${since}`,
    )
    .all();
  for (const { row } of kept) {
    take(JSON.stringify(row));
    for (const log of Object.values(row.logs)) names.add(log);
    if (row.image !== undefined) manifests.add(row.image.manifest);
  }
  for (const { row } of db.select({ row: slots.row }).from(slots).all()) take(JSON.stringify(row));
  const open = inArray(deployments.state, ['running', 'stopping', 'undoing']);
  for (const { row } of db.select({ row: deployments.row }).from(deployments).where(open).all())
    take(JSON.stringify(row));
  for (const { input } of db.select({ input: tasks.input }).from(tasks).where(isWanted(tasks)).all())
    take(JSON.stringify(input));
  return { names, manifests };
}
