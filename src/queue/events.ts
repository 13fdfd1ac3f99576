import { setTimeout as pause } from 'node:timers/promises';
import { type IQueueBackend, QueueEvents } from 'bullmq';
import { settles } from './away.ts';
import type { CoordinatorSetting } from './setting.ts';

export interface EventListeners {
  /** Something may have ended, and what came of it was not told. */
  wake(): void;
  /** An attempt's worker reported this. */
  ended(id: string, reported: unknown): void;
  note(id: string, text: string): void;
}

const retryAfter = 1_000;

/**
 * Follows BullMQ's events for as long as the coordinator lives, through every loss of the connection. Events are
 * trimmed and can be missed: they spare looking, and whoever listens has to look all the same now and then.
 */
export function followEvents(set: CoordinatorSetting, on: EventListeners): { close(): Promise<void> } {
  const stopped = new AbortController();
  let current: QueueEvents<string, IQueueBackend, unknown> | undefined;

  const follow = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        if (set.link.kind !== 'redis') await set.link.reachable();
        current = reader(set, on);
        await current.waitUntilReady();
        on.wake(); // what ended while nobody listened
        await current.run();
      } catch (thrown) {
        if (!stopped.signal.aborted) set.log.warn({ err: thrown }, 'queue events are read again');
      }
      if (current) await settles(current.close(), set.timings.call);
      if (!stopped.signal.aborted)
        await pause(retryAfter, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };

  const following = follow();
  return {
    close: async () => {
      stopped.abort();
      if (current) await settles(current.close(), set.timings.call);
      await settles(following, set.timings.call);
    },
  };
}

function reader(set: CoordinatorSetting, on: EventListeners): QueueEvents<string, IQueueBackend, unknown> {
  const events = new QueueEvents<string, IQueueBackend, unknown>(
    set.queueName,
    {
      ...(set.link.prefix ? { prefix: set.link.prefix } : {}),
      connection: set.link.waiter.connection,
      autorun: false,
      blockingTimeout: 5_000,
    },
    set.link.waiter.factory,
  );
  events.on('completed', ({ jobId, returnvalue }) => on.ended(jobId, returnvalue));
  events.on('failed', on.wake);
  events.on('progress', ({ jobId, data }) => {
    if (typeof data === 'string') on.note(jobId, data);
  });
  events.on('error', () => {}); // a lost connection: it comes back by itself
  return events;
}
