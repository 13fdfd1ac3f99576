import { and, eq } from 'drizzle-orm';
import type { Rows } from '../pipeline/domain/evolve.ts';
import type { Db } from './database.ts';
import { deployments, releases, services, slots } from './schema.ts';

/** The folded rows as tables: what `evolve` reads and writes inside the appending transaction. */
export function tableRows(db: Db): Rows {
  return {
    service: (name) => db.select().from(services).where(eq(services.service, name)).get()?.row,
    release: (service, version) =>
      db
        .select()
        .from(releases)
        .where(and(eq(releases.service, service), eq(releases.version, version)))
        .get()?.row,
    slot: (service, environment) =>
      db
        .select()
        .from(slots)
        .where(and(eq(slots.service, service), eq(slots.environment, environment)))
        .get()?.row,
    deployment: (id) => db.select().from(deployments).where(eq(deployments.id, id)).get()?.row,
    putService: (row) => {
      db.insert(services)
        .values({ service: row.service, row })
        .onConflictDoUpdate({ target: services.service, set: { row } })
        .run();
    },
    putRelease: (row) => {
      const { service, version, state } = row;
      db.insert(releases)
        .values({ service, version, sha: row.commit.sha, state, row })
        .onConflictDoUpdate({ target: [releases.service, releases.version], set: { state, row } })
        .run();
    },
    putSlot: (row) => {
      db.insert(slots)
        .values({ service: row.service, environment: row.environment, row })
        .onConflictDoUpdate({ target: [slots.service, slots.environment], set: { row } })
        .run();
    },
    putDeployment: (row) => {
      const { id, service, version, environment, requestedAt, state } = row;
      const waitUntil = state === 'running' ? (row.wait?.until ?? null) : null;
      db.insert(deployments)
        .values({ id, service, version, environment, requestedAt, state, waitUntil, row })
        .onConflictDoUpdate({ target: deployments.id, set: { state, waitUntil, row } })
        .run();
    },
  };
}
