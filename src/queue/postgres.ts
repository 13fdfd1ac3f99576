import type { PgPoolClient } from 'bullmq';
import {
  type BackendFactory,
  createPostgresBackend,
  DEFAULT_SCHEMA,
  type IQueueBackend,
  runMigrations,
} from 'bullmq';
import pg from 'pg';
import { messageOf, QueueAway, settles } from './away.ts';
import type { Link } from './link.ts';
import type { QueueLog } from './log.ts';
import { resilientPool } from './postgres-pool.ts';
import type { Timings } from './timings.ts';

/** Connections beyond one per blocking reader. */
const spare = 6;

/** BullMQ's PostgreSQL backend, typed for whatever connection a link has. */
export const postgresFactory: BackendFactory<IQueueBackend, unknown> = (name, opts, options) =>
  createPostgresBackend(name, opts as Parameters<typeof createPostgresBackend>[1], options);

/**
 * A link to PostgreSQL: one pool for all. BullMQ's tables are made in the schema `bullmq` at the first call that
 * reaches the server. Opening does not need the server to be there.
 */
export function postgresLink(url: string, timings: Timings, log: QueueLog): Link {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${DEFAULT_SCHEMA}`,
    max: spare,
    connectionTimeoutMillis: timings.call,
    query_timeout: 2 * timings.call,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  let broken = false;
  pool.on('error', (error) => {
    if (!broken) log.warn({ err: error }, 'postgresql is away');
    broken = true;
  });

  let migrated = false;
  const reachable = async (): Promise<void> => {
    try {
      if (!migrated) await migrate(pool);
      else if (broken) await pool.query('SELECT 1');
      migrated = true;
      broken = false;
    } catch (thrown) {
      throw new QueueAway(
        `PostgreSQL, which carries the queue, cannot be used (${messageOf(thrown)}). Nothing was enqueued; the sweep enqueues it when PostgreSQL is back.`,
        { cause: thrown },
      );
    }
  };

  const resilient = resilientPool(pool);
  const reach = { factory: postgresFactory, connection: resilient.pool };
  return {
    kind: 'postgres',
    prefix: '',
    caller: reach,
    waiter: reach,
    reachable,
    serverTime: async () => {
      await reachable();
      const { rows } = await pool.query(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
      );
      return Number(rows[0]?.now);
    },
    workersClocksCount: true,
    readers: (count) => {
      pool.options.max = spare + count;
    },
    close: async () => void (await settles(resilient.end(), timings.call)),
  };
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  client.on('error', () => {}); // cut in the middle: the query below rejects as well
  let failed = true;
  try {
    await runMigrations(client as PgPoolClient, DEFAULT_SCHEMA);
    failed = false;
  } finally {
    client.release(failed);
  }
}
