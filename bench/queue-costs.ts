import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { openLedgerFile } from '../src/ledger/database.ts';
import { sqliteLedger } from '../src/ledger/sqlite-ledger.ts';
import type { Event } from '../src/pipeline/domain/event.ts';
import type { Outcome } from '../src/pipeline/domain/task.ts';
import { createEngine } from '../src/pipeline/engine/engine.ts';
import { type Attempt, attemptId } from '../src/pipeline/task-queue.ts';
import { openQueue } from '../src/queue/open-queue.ts';
import { commitNamed } from '../test/support/core-world.ts';
import { eventually } from '../test/support/eventually.ts';
import { ada, environment, policy } from '../test/support/policies.ts';
import { type SmallCloud, workOf } from '../test/support/small-cloud.ts';
import { atLeast, atMost, type Figure, median, quantile, seen } from './figure.ts';

const redis = process.env.BAKERY_TEST_REDIS_URL ?? '';
const concurrency = 32;
const pairs = 9;
const silent = { info() {}, warn() {}, error() {} };

/** One environment, nothing to wait for: what is left is Bakery itself. */
const bare = (service: string) => policy({ service, environments: [environment('dev', 4001)] });

interface Run {
  /** Milliseconds from a task's end to the beginning of the next task of the same release. */
  gaps: number[];
  /** What each task was asked, and what came of it. */
  tasks: [Attempt, Outcome][];
  millis: number;
}

/** Takes `releases` releases through everything, spread over services, with a provider that does nothing. */
async function run(releases: number, services: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'bakery-bench-'));
  const backend = await openQueue(redis, { prefix: `bench-${randomBytes(4).toString('hex')}` });
  const file = openLedgerFile(folder);
  const names = Array.from({ length: services }, (_, index) => `service-${index}`);
  const each = releases / services;
  const versions = new Map<string, number>();
  const next = async (service: string): Promise<void> => {
    const version = (versions.get(service) ?? 0) + 1;
    versions.set(service, version);
    const commit = commitNamed(`${service} ${version}`);
    await engine.handle({ do: 'request release', service, commit, by: ada });
  };
  let left = releases;
  let settle = (_error?: unknown): void => {};
  const over = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  // By its commits: looking into the tables all the time would be a load that Bakery does not have.
  const follow = (events: readonly Event[]): void => {
    for (const { type, service } of events) {
      if (type === 'ReleaseEnded' || type === 'DeploymentEnded') settle(new Error(`${type} of ${service}`));
      if (type !== 'DeploymentFinished') continue;
      if (--left === 0) settle();
      else if ((versions.get(service) ?? 0) < each) next(service).catch(settle);
    }
  };
  const engine = createEngine({
    ledger: sqliteLedger(file),
    queue: await backend.queue(),
    policies: new Map(names.map((name) => [name, bare(name)])),
    now: Date.now,
    log: silent,
    observe: follow,
  });
  const cloud: SmallCloud = {
    now: 0,
    running: new Set(),
    images: new Map(),
    lostImages: new Set(),
    unwell: new Set(),
    marks: new Map(),
    weights: new Map(),
    bakes: [],
  };
  const gaps: number[] = [];
  const endedAt = new Map<string, number>();
  const tasks: [Attempt, Outcome][] = [];
  const worker = await backend.worker(
    async (attempt) => {
      const began = performance.now();
      const ended = endedAt.get(serviceOf(attempt));
      if (ended !== undefined) gaps.push(began - ended);
      const outcome = workOf({ ...cloud, now: Date.now() }, attempt);
      tasks.push([attempt, outcome]);
      endedAt.set(serviceOf(attempt), performance.now());
      return outcome;
    },
    { concurrency, name: 'bench' },
  );
  engine.start();
  const began = performance.now();
  await Promise.all(names.map(next));
  await over;
  const millis = performance.now() - began;
  await engine.stop();
  await worker.close();
  await backend.close();
  file.close();
  rmSync(folder, { recursive: true });
  return { gaps, tasks, millis };
}

/** Effects end in what they belong to: `bake.service-3.v2`, `launch.service-3.dev.1`. */
const serviceOf = ({ effect }: Attempt): string => /service-\d+/.exec(effect)?.[0] ?? effect;

/**
 * Bare BullMQ on the same Redis doing the same work: the same jobs with the same results in as many chains, each added
 * when the one before it completed (by QueueEvents), done by as many hands, and removed. No ledger, no decisions.
 */
async function bullmq(tasks: Run['tasks'], chains: number): Promise<number> {
  const name = `bare-${randomBytes(4).toString('hex')}`;
  const [host, port] = new URL(redis).host.split(':');
  const connection = { host: host ?? '', port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection });
  const events = new QueueEvents(name, { connection });
  const outcomes = new Map(tasks.map(([attempt, outcome]) => [attemptId(attempt), outcome]));
  const worker = new Worker(name, async ({ id = '' }) => outcomes.get(id), { connection, concurrency });
  await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
  let done = 0;
  let added = 0;
  const next = async (): Promise<void> => {
    const attempt = tasks[added++]?.[0];
    if (attempt !== undefined) await queue.add(attempt.kind, attempt, { jobId: attemptId(attempt) });
  };
  events.on('completed', async ({ jobId }) => {
    done++;
    await next();
    await queue.remove(jobId);
  });
  const began = performance.now();
  for (let chain = 0; chain < chains; chain++) await next();
  await eventually('all jobs are done', 120_000, () => done === tasks.length);
  const millis = performance.now() - began;
  await worker.close();
  await events.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return millis;
}

/** From one stage's outcome to the next one's start, one release at a time. */
export async function handOver(): Promise<Figure[]> {
  await run(4, 1);
  const { gaps } = await run(60, 1);
  return [
    atMost('hand-over between stages on Redis, p99', quantile(gaps, 0.99), 100, 'ms'),
    seen('hand-over between stages on Redis, median', median(gaps), 'ms'),
  ];
}

/** Many releases at once, against what BullMQ alone does in the same run. */
export async function throughput(): Promise<Figure[]> {
  const ratios: number[] = [];
  const perSecond: number[] = [];
  // A bot runs for weeks: what the first minute costs until the code is compiled is not measured.
  const warm = await run(400, 40);
  await bullmq(warm.tasks, 40);
  for (let pair = 0; pair < pairs; pair++) {
    const ours = await run(200, 40);
    const theirs = await bullmq(ours.tasks, 40);
    ratios.push(theirs / ours.millis);
    perSecond.push((200 / ours.millis) * 1000);
  }
  return [
    atLeast("tasks a second, as a share of bare BullMQ's", median(ratios), 0.333, 'of bare BullMQ'),
    seen('releases a second with a provider that does nothing', median(perSecond), '1/s'),
  ];
}
