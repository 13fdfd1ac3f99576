import { and, count, eq, isNull, min } from 'drizzle-orm';
import type { Millis } from '../pipeline/domain/time.ts';
import type { Db } from './db.ts';
import { deployments, messages, releases } from './schema.ts';

/** Numbers about the ledger for those who watch Bakery: rows by state, and how long the outbox has waited. */
export function ledgerReadings(db: Db, now: () => number) {
  const byState = (rows: { state: string; rows: number }[]): Record<string, number> =>
    Object.fromEntries(rows.map(({ state, rows: number }) => [state, number]));
  return {
    releases: async () =>
      byState(
        db.select({ state: releases.state, rows: count() }).from(releases).groupBy(releases.state).all(),
      ),
    deployments: async () =>
      byState(
        db
          .select({ state: deployments.state, rows: count() })
          .from(deployments)
          .groupBy(deployments.state)
          .all(),
      ),
    outboxAge: async (): Promise<Millis> => {
      const oldest = db
        .select({ due: min(messages.notBefore) })
        .from(messages)
        .where(and(eq(messages.due, true), isNull(messages.givenUp)))
        .get();
      return oldest?.due == null ? 0 : Math.max(0, now() - oldest.due);
    },
  };
}
