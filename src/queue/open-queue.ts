import type { Telemetry } from 'bullmq';
import type { QueueBackend, TaskWorker } from '../pipeline/task-queue.ts';
import { skewAgainst } from './clock.ts';
import { openCoordinator } from './coordinator.ts';
import { embeddedLink } from './embedded/link.ts';
import type { Link } from './link.ts';
import { type QueueLog, silent } from './log.ts';
import { postgresLink } from './postgres.ts';
import { redisLink } from './redis.ts';
import type { Run } from './run.ts';
import type { CoordinatorSetting } from './setting.ts';
import { standardTimings, type Timings } from './timings.ts';
import { withoutRepeats } from './without-repeats.ts';
import { startWorker } from './worker.ts';

export interface QueueOptions {
  /** The queue's name on its server, so that several installations can share one: letters, digits, `-`, `_`, `.`. */
  prefix: string;
  log?: QueueLog;
  /** Other times than the standard ones. For tests. */
  timings?: Partial<Timings>;
  /** BullMQ's own spans of what is enqueued and taken. */
  telemetry?: Telemetry;
  /** A directory that `prepareDatabase` made: the embedded queue begins with a copy of it. For tests. */
  prepared?: string;
}

/**
 * Opens the queue that a URL names: `redis://`, `rediss://`, `postgres://`, `postgresql://` or `embedded:/directory`.
 * A server that is away now is connected to when it is there. Throws TypeError for any other URL or a bad prefix,
 * QueueDirectoryError when the embedded directory is in use by another process or cannot be made.
 */
export async function openQueue(url: string, options: QueueOptions): Promise<QueueBackend> {
  const { prefix } = options;
  const log = withoutRepeats(options.log ?? silent);
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(prefix))
    throw new TypeError(
      `The queue's prefix "${prefix}" is not usable: use 1 to 100 letters, digits, "-", "_" or ".".`,
    );
  const timings = { ...standardTimings, ...options.timings };
  const link = await openLink(url, timings, log, options.prepared);
  const { telemetry } = options;
  return backendOver(link, prefix, { timings, log, ...(telemetry === undefined ? {} : { telemetry }) });
}

async function openLink(
  url: string,
  timings: Timings,
  log: QueueLog,
  prepared: string | undefined,
): Promise<Link> {
  if (/^rediss?:\/\//.test(url)) return redisLink(url, timings, log);
  if (/^postgres(ql)?:\/\//.test(url)) return postgresLink(url, timings, log);
  if (url.startsWith('embedded:')) return embeddedLink(url.slice('embedded:'.length), log, prepared);
  throw new TypeError(
    "The queue's URL is of no known kind: use redis://host:port, postgres://user@host/database or embedded:/directory.",
  );
}

function backendOver(
  link: Link,
  queueName: string,
  parts: Pick<CoordinatorSetting, 'timings' | 'log' | 'telemetry'>,
): QueueBackend {
  const closing: (() => Promise<void>)[] = [];
  const runs = new Map<string, Run>();
  let readers = 0;
  const clockSkew = () => skewAgainst(() => link.serverTime());
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    closing.push(() => part.close());
    return part;
  };
  let closed: Promise<void> | undefined;
  return {
    kind: link.kind,
    queue: async () => {
      link.readers(++readers);
      return keep(await openCoordinator({ queueName, link, ...parts }));
    },
    worker: async (run, options): Promise<TaskWorker> => {
      link.readers(++readers);
      return keep(startWorker({ queueName, link, ...parts, runs, run, clockSkew, ...options }));
    },
    clockSkew,
    close: () => {
      closed ??= Promise.allSettled(closing.map((close) => close())).then(() => link.close());
      return closed;
    },
  };
}
