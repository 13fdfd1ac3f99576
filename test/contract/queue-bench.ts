import { randomBytes } from 'node:crypto';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import type { Attempt, Ended, QueueBackend, RunAttempt, TaskQueue } from '../../src/pipeline/task-queue.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import { standardTimings, type Timings } from '../../src/queue/timings.ts';
import { eventually as until } from '../support/eventually.ts';

export interface QueueRig {
  kind: QueueBackend['kind'];
  /** Asked when a test runs. */
  url(): string;
  /** Shorter times than the standard ones, so that the suite does not take long. */
  timings: Partial<Timings>;
  /** Whether several processes can use it at once; else the whole process is killed and opened again. */
  shared: boolean;
  /** Takes the server away and brings it back, keeping its data. */
  server?: { stop(): Promise<void>; start(): Promise<void> };
}

export const done = (removed: number): Outcome => ({ is: 'done', result: { removed } });

/** One backend under test, and what its tests open and ask it for. */
export const queueBench = (rig: QueueRig) => {
  const timings: Timings = { ...standardTimings, ...rig.timings };
  const opened: QueueBackend[] = [];
  const freshPrefix = () => `test-${randomBytes(6).toString('hex')}`;

  const open = async (prefix = freshPrefix(), own: Partial<Timings> = rig.timings): Promise<QueueBackend> => {
    const backend = await openQueue(rig.url(), { prefix, timings: own });
    opened.push(backend);
    return backend;
  };
  const start = async (run: RunAttempt, concurrency = 4) => {
    const backend = await open();
    const queue = await backend.queue();
    const worker = await backend.worker(run, { concurrency, name: 'w' });
    return { backend, queue, worker };
  };
  let count = 0;
  const attempt = (more: Partial<Attempt> = {}): Attempt => ({
    effect: `terminate-${++count}`,
    generation: 1,
    attempt: 1,
    kind: 'terminate',
    input: { n: count },
    log: 'log',
    limit: 60_000,
    ...more,
  });
  const endedOf = async (queue: TaskQueue): Promise<Ended[]> => {
    const all: Ended[] = [];
    for await (const ended of queue.ended()) all.push(ended);
    return all;
  };
  const endOf = (queue: TaskQueue, id: string, ms = 10_000): Promise<Ended> =>
    until(`${id} ended`, ms, async () => (await endedOf(queue)).find((ended) => ended.id === id));
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((backend) => backend.close()));
  };
  return { rig, timings, freshPrefix, open, start, attempt, endedOf, endOf, close };
};

export type QueueBench = ReturnType<typeof queueBench>;
