import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { keeperCommands } from '../keeper/keeper.ts';
import { withoutSecrets } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import type { QueueBackend } from '../pipeline/task-queue.ts';
import { removeOldScratch } from '../pipeline/tasks/old-scratch.ts';
import { startProbing } from '../pipeline/tasks/prober.ts';
import { taskRunner } from '../pipeline/worker.ts';
import { openBalancers } from './balancers.ts';
import { openBuilder } from './docker.ts';
import { keepClean } from './house-cleaning.ts';
import { openProviders } from './providers.ts';
import { secretOf } from './secrets.ts';

/** Takes tasks from the queue and does them. Resolves to how to stop. */
export async function startWorker(
  config: Config,
  backend: QueueBackend,
  store: Store,
  metrics: Metrics,
  log: Logger,
): Promise<() => Promise<void>> {
  const providers = openProviders(config.providers, store);
  const balancers = await openBalancers(config.balancers, metrics);
  mkdirSync(config.worker.scratch, { recursive: true, mode: 0o700 });
  const commands = keeperCommands();
  const run = taskRunner({
    tools: {
      provider: (name) => known(providers, name, 'provider'),
      balancer: (name) => known(balancers, name, 'balancer'),
      probe: startProbing,
      store,
      commands,
      builder: openBuilder(config, commands),
      secret: secretOf,
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
  const worker = await backend.worker(run, {
    concurrency: config.worker.concurrency,
    name: `worker-${process.pid}`,
  });
  const clean = () => removeOldScratch(config.worker.scratch, Date.now());
  const stopCleaning = keepClean({ what: 'folders of killed workers', clean, log });
  return () => {
    stopCleaning();
    return worker.close();
  };
}

function known<Part>(parts: ReadonlyMap<string, Part>, name: string, what: string): Part {
  const part = parts.get(name);
  if (part !== undefined) return part;
  throw new ProviderError(
    'denied',
    `This worker's bot.yaml has no ${what} ${name}. Nothing was done. Add it there.`,
  );
}
