import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Telemetry } from 'bullmq';
import type { Outcome } from '../pipeline/domain/task.ts';
import type { Attempt, RunAttempt, TaskWorker } from '../pipeline/task-queue.ts';
import { AttemptWorker, type Renewal } from './attempt-worker.ts';
import { settles } from './away.ts';
import { marked } from './cancel-mark.ts';
import { clockIsRight, guardClock } from './clock.ts';
import type { Link } from './link.ts';
import type { QueueLog } from './log.ts';
import { staysPresent } from './presence.ts';
import { latestOnly } from './progress.ts';
import { Run } from './run.ts';
import type { Timings } from './timings.ts';

export interface WorkerSetting {
  queueName: string;
  link: Link;
  timings: Timings;
  log: QueueLog;
  telemetry?: Telemetry;
  /** Every attempt that runs in this process, so that one which is handed out again joins the run it has. */
  runs: Map<string, Run>;
  run: RunAttempt;
  concurrency: number;
  name: string;
  /** Bakery's version, for who asks which workers there are. Nothing is said of the worker without it. */
  version?: string;
  /** Milliseconds by which this machine's clock is ahead of the server's. */
  clockSkew(): Promise<number>;
}

/** How long to wait before the server is tried again, and before BullMQ tries again to report an outcome. */
const retryAfter = 1_000;

/** Starts a worker. It needs no server to start, connects when there is one, and again whenever it was away. */
export function startWorker(set: WorkerSetting): TaskWorker {
  const mine = new Set<Run>();
  const stopped = new AbortController();
  let bull: AttemptWorker | undefined;
  let among = 1;
  let leave = async (): Promise<void> => {};

  const begin = async (job: Job<Attempt, Outcome>, worker: AttemptWorker): Promise<Run> => {
    const id = job.id ?? '';
    const taken = performance.now() - Math.max(0, Date.now() - (job.processedOn ?? Date.now()));
    const running = set.runs.get(id);
    running?.renewed(taken);
    const run =
      running ??
      new Run(id, job.data, set.run, taken, {
        timings: set.timings,
        log: set.log,
        progress: latestOnly((text) => worker.getBackend().updateProgress(id, text)),
      });
    set.runs.set(id, run);
    // Handed out before: it may have been cancelled when nobody was there to hear it.
    if (!running && job.attemptsStarted > 1) await tell(worker, [id]);
    return run;
  };

  const tell = async (worker: AttemptWorker, ids: string[]): Promise<void> => {
    try {
      for (const id of await marked(worker.getBackend(), ids)) set.runs.get(id)?.abort('cancelled');
    } catch (thrown) {
      set.log.warn({ err: thrown }, 'cancel marks could not be read');
    }
  };

  const perform = async (job: Job<Attempt, Outcome>, worker: AttemptWorker): Promise<Outcome> => {
    const run = await begin(job, worker);
    mine.add(run);
    try {
      return await run.outcome;
    } finally {
      mine.delete(run);
      if (set.runs.get(job.id ?? '') === run) set.runs.delete(job.id ?? '');
    }
  };

  const heed = (worker: AttemptWorker, { asked, renewed, lost }: Renewal): void => {
    for (const id of renewed) set.runs.get(id)?.renewed(asked);
    for (const id of lost) set.runs.get(id)?.abort('lock lost');
    if (renewed.length > 0) void tell(worker, renewed);
  };

  const connect = async (): Promise<AttemptWorker> => {
    const worker: AttemptWorker = new AttemptWorker(
      set.queueName,
      (job) => perform(job, worker),
      {
        ...(set.link.prefix ? { prefix: set.link.prefix } : {}),
        name: set.name,
        ...(set.telemetry === undefined ? {} : { telemetry: set.telemetry }),
        concurrency: set.concurrency,
        lockDuration: set.timings.lock,
        lockRenewTime: set.timings.renew,
        stalledInterval: set.timings.stalled,
        maxStalledCount: 1_000_000_000,
        runRetryDelay: retryAfter,
      },
      set.link.waiter,
    );
    worker.on('error', (error) => set.log.warn({ err: error, worker: set.name }, 'queue worker error'));
    worker.onRenewal = (renewal) => heed(worker, renewal);
    const settled = new AbortController();
    try {
      await Promise.race([worker.waitUntilReady(), aborted(stopped.signal, settled.signal)]);
      return worker;
    } catch (thrown) {
      await worker.abandon().catch(() => {});
      throw thrown;
    } finally {
      settled.abort();
    }
  };

  const work = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        if (set.link.kind !== 'redis') await set.link.reachable();
        const counts = set.link.workersClocksCount;
        if (counts) await clockIsRight(set, stopped.signal);
        bull = await connect();
        const unguard = counts ? guardClock(bull, set) : () => {};
        leave = staysPresent(bull.getBackend(), set, (count) => {
          among = Math.max(1, count);
        });
        await bull.run().finally(unguard).finally(leave);
        // It ended by itself, since its clock went wrong.
        if (!stopped.signal.aborted) await bull.close();
      } catch (thrown) {
        if (stopped.signal.aborted) return;
        set.log.warn({ err: thrown, worker: set.name }, 'queue worker tries again');
        await pause(retryAfter, undefined, { signal: stopped.signal }).catch(() => {});
      }
    }
  };

  const working = work();
  return {
    among: () => among,
    close: async () => {
      if (stopped.signal.aborted) return;
      stopped.abort();
      // While it is connected: closing takes that away.
      const left = leave();
      await Promise.all([left, stop(bull, mine, set)]);
      await settles(working, set.timings.grace);
    },
  };
}

/** Takes no more, waits for what runs, aborts what does not end, and at last lets go of what does not even then. */
async function stop(bull: AttemptWorker | undefined, mine: Set<Run>, set: WorkerSetting): Promise<void> {
  if (!bull) return;
  const closed = bull.close();
  if (await settles(closed, mine.size > 0 ? set.timings.drain : set.timings.call)) return;
  for (const run of mine) run.abort('worker stops');
  if (await settles(closed, mine.size > 0 ? set.timings.grace : 0)) return;
  if (mine.size > 0)
    set.log.error({ worker: set.name, attempts: mine.size }, 'worker leaves attempts behind');
  await settles(bull.abandon(), set.timings.call);
}

/** Rejects when `signal` is aborted; it is listened to until `until` is. */
const aborted = (signal: AbortSignal, until: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: until });
  });
