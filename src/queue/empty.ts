import { type IQueueBackend, Queue } from 'bullmq';
import { silent } from './log.ts';
import { postgresLink } from './postgres.ts';
import { redisLink } from './redis.ts';
import { standardTimings } from './timings.ts';

/**
 * Removes all that a queue holds, what is being worked on included, as if its server had been emptied. For the
 * selftest: what the ledger wants is enqueued again. Throws when the server is away.
 */
export async function emptyQueue(url: string, prefix: string): Promise<void> {
  const link = url.startsWith('redis')
    ? redisLink(url, standardTimings, silent)
    : postgresLink(url, standardTimings, silent);
  try {
    await link.reachable();
    const queue: Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend, unknown> =
      new Queue(
        prefix,
        {
          ...(link.prefix ? { prefix: link.prefix } : {}),
          connection: link.caller.connection,
          skipVersionCheck: true,
        },
        link.caller.factory,
      );
    await queue.waitUntilReady();
    await queue.obliterate({ force: true });
    await queue.resume();
    await queue.close();
  } finally {
    await link.close();
  }
}
