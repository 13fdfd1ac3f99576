import { and, desc, eq, inArray, lte, sql } from 'drizzle-orm';
import type { Deployment, Serving } from '../pipeline/domain/deployment.ts';
import { type Event, slotStream } from '../pipeline/domain/event.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { LiveAt } from '../pipeline/views.ts';
import type { Db } from './db.ts';
import { tableRows } from './rows.ts';
import { deployments, events } from './schema.ts';
import { upcast } from './upcast.ts';

/** What was live at a time: the newest event of the slot until then that says so. Read from the events, not from rows. */
export function liveAt(db: Db, service: string, environments: readonly string[], at: At): LiveAt[] {
  return environments.flatMap((environment): LiveAt[] => {
    const serving = servingAt(db, slotStream(service, environment), at);
    if (serving === undefined) return [];
    const deployment = broughtBy(tableRows(db), serving.deployment);
    return [{ environment, serving, ...(deployment === undefined ? {} : { deployment }) }];
  });
}

/** A repair starts again what a deployment had brought, by the word that was given for that one. */
function broughtBy(rows: ReturnType<typeof tableRows>, id: string): Deployment | undefined {
  const seen = new Set<string>();
  for (let found = rows.deployment(id); ; found = rows.deployment(found.old.deployment)) {
    if (found?.kind !== 'repair' || found.old === undefined || seen.has(found.id)) return found;
    seen.add(found.id);
  }
}

const page = 50;

function servingAt(db: Db, stream: string, at: At): Serving | undefined {
  for (let offset = 0; ; offset += page) {
    const rows = db
      .select({ shape: events.shape, body: events.body })
      .from(events)
      .where(
        and(
          eq(events.stream, stream),
          inArray(events.type, ['WentLive', 'DeploymentStepDone', 'ServingFound']),
          lte(events.at, at),
        ),
      )
      .orderBy(desc(events.seq))
      .limit(page)
      .offset(offset)
      .all();
    const found = rows
      .map(({ shape, body }) => servingOf(upcast(shape, body)))
      .find((one) => one !== undefined);
    if (found !== undefined || rows.length < page) return found;
  }
}

function servingOf(event: Event): Serving | undefined {
  if (event.type === 'WentLive') return event.serving;
  if (event.type === 'ServingFound') return event.live;
  return event.type === 'DeploymentStepDone' ? event.returnedTo : undefined;
}

const isOverridden = sql`json_extract(${deployments.row}, '$.override') IS NOT NULL`;

/** Deployments for which somebody put the rules aside, newest first. */
export const overridden = (db: Db, service: string, limit: number) =>
  db
    .select()
    .from(deployments)
    .where(and(eq(deployments.service, service), isOverridden))
    .orderBy(desc(deployments.requestedAt))
    .limit(limit)
    .all()
    .map(({ row }) => row);
