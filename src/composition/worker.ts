import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { openForge } from '../forge/index.ts';
import { keeperCommands } from '../keeper/keeper.ts';
import { hideInLogs, withoutSecrets } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import { bakeryVersion } from '../ops/version.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import type { QueueBackend, TaskWorker } from '../pipeline/task-queue.ts';
import { removeOldScratch } from '../pipeline/tasks/old-scratch.ts';
import { startProbing } from '../pipeline/tasks/prober.ts';
import { taskRunner } from '../pipeline/worker.ts';
import { repositoryAccess } from '../source/access.ts';
import type { Tracing } from '../tracing/contract.ts';
import { openBalancers } from './balancers.ts';
import { openBuilder } from './docker.ts';
import { keepClean } from './house-cleaning.ts';
import type { Taker } from './in-force.ts';
import { openProviders } from './providers.ts';
import { secretOf } from './secrets.ts';

interface RunningWorker {
  taker: Taker;
  close(): Promise<void>;
}

/** Takes tasks from the queue and does them. */
export async function startWorker(
  config: Config,
  backend: Pick<QueueBackend, 'worker'>,
  store: Store,
  { metrics, tracing, log }: { metrics: Metrics; tracing: Pick<Tracing, 'run'>; log: Logger },
): Promise<RunningWorker> {
  const workers = (): number => worker?.among() ?? 1;
  let worker: TaskWorker | undefined;
  const providers = openProviders(config.providers, store, workers);
  const balancers = await openBalancers(config.balancers, metrics, workers);
  mkdirSync(config.worker.scratch, { recursive: true, mode: 0o700 });
  const commands = keeperCommands();
  let live = config;
  let builder = openBuilder(config, commands);
  const run = taskRunner({
    tools: {
      provider: (name) => known(providers, name, 'provider'),
      balancer: (name) => known(balancers, name, 'balancer'),
      probe: startProbing,
      store,
      commands,
      get builder() {
        return builder;
      },
      secret: secretOf,
      checks: openForge(secretOf).checks,
      openAccess: repositoryAccess({ secret: secretOf, hide: hideInLogs, now: Date.now }),
      scratch: config.worker.scratch,
      now: Date.now,
    },
    onBug: (attempt, error) =>
      log.error({ err: error, effect: attempt.effect, kind: attempt.kind }, 'a task failed unexpectedly'),
    clean: withoutSecrets,
    onEnd: (attempt, outcome, took) => {
      metrics.taskEnded(attempt.kind, outcome.is, took);
    },
  });
  const taking = await backend.worker(tracing.run(run), {
    concurrency: config.worker.concurrency,
    name: `${hostname()}-${process.pid}`,
    version: bakeryVersion(),
  });
  worker = taking;
  const clean = () => removeOldScratch(config.worker.scratch, Date.now());
  const stopCleaning = keepClean({ what: 'folders of killed workers', clean, log });
  return {
    close: () => {
      stopCleaning();
      return taking.close();
    },
    taker: {
      // What did not change stays as it is: it knows what it has seen. A task at work keeps the part that it has.
      take: async (next) => {
        const clouds = openProviders(changed(live.providers, next.providers), store, workers);
        const fronts = await openBalancers(changed(live.balancers, next.balancers), metrics, workers);
        replace(providers, clouds, next.providers);
        replace(balancers, fronts, next.balancers);
        if (clouds.size > 0) builder = openBuilder({ ...next, worker: config.worker }, commands);
        live = next;
      },
    },
  };
}

/** Those that are new, or set otherwise. */
const changed = <Settings>(
  before: ReadonlyMap<string, Settings>,
  next: ReadonlyMap<string, Settings>,
): Map<string, Settings> =>
  new Map([...next].filter(([name, made]) => !isDeepStrictEqual(before.get(name), made)));

function replace<Part>(
  parts: Map<string, Part>,
  fresh: ReadonlyMap<string, Part>,
  wanted: ReadonlyMap<string, unknown>,
): void {
  for (const name of parts.keys()) if (!wanted.has(name)) parts.delete(name);
  for (const [name, part] of fresh) parts.set(name, part);
}

function known<Part>(parts: ReadonlyMap<string, Part>, name: string, what: string): Part {
  const part = parts.get(name);
  if (part !== undefined) return part;
  throw new ProviderError(
    'denied',
    `This worker's bot.yaml has no ${what} ${name}. Nothing was done. Add it there.`,
  );
}
