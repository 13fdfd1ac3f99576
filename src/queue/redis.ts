import { type BackendFactory, createRedisBackend, type IQueueBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { messageOf, QueueAway, settles, within } from './away.ts';
import type { Link } from './link.ts';
import type { QueueLog } from './log.ts';
import type { Timings } from './timings.ts';

const away = 'Redis, which carries the queue, cannot be reached';
const next = 'Nothing was enqueued; the sweep enqueues it when Redis is back.';

/**
 * A link to Redis. The coordinator's connection has no offline queue and gives up in-flight commands when it is
 * cut; the workers' connections keep trying. Opening does not need Redis to be there.
 */
export function redisLink(url: string, timings: Timings, log: QueueLog): Link {
  const patient = {
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
    connectTimeout: timings.call,
    keepAlive: 5_000,
  } satisfies RedisOptions;
  const caller = new Redis(url, {
    ...patient,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  });
  let trouble = '';
  caller.on('error', (error: Error) => {
    if (!trouble) log.warn({ err: error }, 'redis is away');
    trouble = messageOf(error) || error.name;
  });
  const firstReady = new Promise<void>((resolve) => caller.once('ready', resolve));
  caller.on('ready', () => {
    if (trouble) log.info({}, 'redis is back');
    trouble = '';
  });

  const ready = (): boolean => caller.status === 'ready';
  const reachable = async (): Promise<void> => {
    if (ready()) return;
    // Only the very first connection is waited for: later, away means away.
    const starting = !trouble && (caller.status === 'connecting' || caller.status === 'connect');
    if (starting && (await settles(firstReady, timings.call)) && ready()) return;
    throw new QueueAway(`${away}${trouble ? ` (${trouble})` : ''}. ${next}`);
  };

  const factory: BackendFactory<IQueueBackend, unknown> = (name, opts, options) =>
    // BullMQ types its factory for its own connection options; `connection` below is one of them.
    createRedisBackend(name, opts as Parameters<typeof createRedisBackend>[1], options);

  return {
    kind: 'redis',
    prefix: 'bakery',
    caller: { factory, connection: caller },
    waiter: { factory, connection: { ...patient, url, maxRetriesPerRequest: null } },
    reachable,
    serverTime: async () => {
      await reachable();
      const [seconds, micros] = await within(caller.time(), timings.call, `${away}. It does not answer.`);
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    },
    workersClocksCount: false,
    readers: () => {},
    close: async () => caller.disconnect(),
  };
}
