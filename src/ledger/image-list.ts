import { and, eq, sql } from 'drizzle-orm';
import { retention } from '../pipeline/decide/retention.ts';
import { newInstallation } from '../pipeline/domain/installation.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Retained } from '../pipeline/domain/retention.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { deployments, releases, slots } from './schema.ts';
import { statements } from './statements.ts';

/** All releases of a service that have an image still: as many as retention keeps, and those since it last swept. */
export const releasesWithImage = (db: Db, service: string): Release[] =>
  db
    .select()
    .from(releases)
    .where(
      and(
        eq(releases.service, service),
        sql`json_extract(${releases.row}, '$.image.id') IS NOT NULL`,
        sql`json_extract(${releases.row}, '$.imageRemovedAt') IS NULL`,
      ),
    )
    .all()
    .map(({ row }) => row);

/** The images of a service, with why each is kept: what the next sweep would decide by. */
export function imageList(db: Db, policy: ServicePolicy, now: At): Retained[] {
  const { service } = policy;
  const slotRows = db
    .select()
    .from(slots)
    .where(eq(slots.service, service))
    .all()
    .map(({ row }) => row);
  const open = db
    .select()
    .from(deployments)
    .where(
      and(eq(deployments.service, service), sql`${deployments.state} IN ('running', 'stopping', 'undoing')`),
    )
    .all();
  return retention(
    {
      policy,
      installation: statements(db).installation.get()?.row ?? newInstallation,
      releases: new Map(releasesWithImage(db, service).map((row) => [row.version, row])),
      slots: new Map(slotRows.map((row) => [row.environment, row])),
      deployments: new Map(open.map(({ id, row }) => [id, row])),
    },
    now,
  );
}
