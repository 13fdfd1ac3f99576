import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Millis } from '../pipeline/domain/time.ts';
import { messageOf, QueueAway, settles } from './away.ts';
import { skewAgainst } from './clock.ts';
import type { Link } from './link.ts';
import { silent } from './log.ts';
import { postgresLink } from './postgres.ts';
import { type WorkerSeen, workersSeen } from './presence.ts';
import { redisLink } from './redis.ts';
import { standardTimings } from './timings.ts';

/** What a look at the queue's server found that changes nothing there. */
export interface QueueLook {
  /** Redis 7.0.15, PostgreSQL 15.9. */
  server: string;
  /** By how much this machine's clock is ahead of the server's. */
  skew: Millis;
  /** Redis: what it does when its memory is full. BullMQ needs `noeviction`. */
  whenFull?: string;
  /** Whether a Bakery has used it yet. */
  used: boolean;
  workers: WorkerSeen[];
}

/** Looks at a queue on Redis or PostgreSQL. Throws QueueAway when the server cannot be asked. */
export async function lookAtQueue(url: string, prefix: string): Promise<QueueLook> {
  const redis = /^rediss?:\/\//.test(url);
  const found = await (redis ? askRedis(url) : askPostgres(url));
  if (!found.used) return { ...found, workers: [] };
  const link = redis ? redisLink(url, standardTimings, silent) : postgresLink(url, standardTimings, silent);
  try {
    return { ...found, workers: await workersOf(link, prefix) };
  } finally {
    await link.close();
  }
}

async function workersOf(link: Link, name: string): Promise<WorkerSeen[]> {
  await link.reachable();
  const queue = new Queue(
    name,
    {
      ...(link.prefix ? { prefix: link.prefix } : {}),
      connection: link.caller.connection,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    },
    link.caller.factory,
  );
  queue.on('error', () => {}); // the call below rejects as well
  try {
    await queue.waitUntilReady();
    return await workersSeen(queue.getBackend());
  } finally {
    await settles(queue.close(), standardTimings.call);
  }
}

async function askRedis(url: string): Promise<Omit<QueueLook, 'workers'>> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    retryStrategy: () => null,
  });
  redis.on('error', () => {}); // connect() rejects as well
  try {
    await redis.connect();
    const info = await redis.info();
    const says = (key: string): string | undefined => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const skew = await skewAgainst(async () => {
      const [seconds, micros] = await redis.time();
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    });
    const whenFull = says('maxmemory_policy');
    return {
      server: `Redis ${says('redis_version') ?? 'of an unknown version'}`,
      skew,
      used: true,
      ...(whenFull === undefined ? {} : { whenFull }),
    };
  } catch (error) {
    throw new QueueAway(`Redis cannot be asked (${messageOf(error)})`, { cause: error });
  } finally {
    redis.disconnect();
  }
}

async function askPostgres(url: string): Promise<Omit<QueueLook, 'workers'>> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on('error', () => {}); // the query rejects as well
  try {
    await client.connect();
    const ask = async (sql: string): Promise<unknown> =>
      (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0];
    const skew = await skewAgainst(async () =>
      Number(await ask('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8')),
    );
    const used = (await ask(`SELECT count(*) FROM pg_namespace WHERE nspname = 'bullmq'`)) !== '0';
    return { server: `PostgreSQL ${await ask(`SELECT current_setting('server_version')`)}`, skew, used };
  } catch (error) {
    throw new QueueAway(`PostgreSQL cannot be asked (${messageOf(error)})`, { cause: error });
  } finally {
    await settles(client.end(), 1_000);
  }
}
