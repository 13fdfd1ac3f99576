import type { Logger } from 'pino';
import { type Closing, startCoordinator } from './composition/coordinator.ts';
import { type Route, serve } from './composition/http.ts';
import { FilesInForce } from './composition/in-force.ts';
import { secretOf } from './composition/secrets.ts';
import { startWorker } from './composition/worker.ts';
import type { Config } from './config/config.ts';
import { makeFolder } from './ops/folder.ts';
import type { Check } from './ops/health.ts';
import { createMetrics } from './ops/metrics.ts';
import { openQueue } from './queue/open-queue.ts';
import { directoryStore } from './store/directory.ts';
import { startTracing } from './tracing/tracing.ts';

export interface Roles {
  bot: boolean;
  worker: boolean;
}

export interface Running {
  stop(): Promise<void>;
  /** Reads the operators' files now: in force when they are right. */
  reload(): Promise<void>;
}

/** Puts the parts together: the only place that sees them all. Resolves when everything runs. */
export async function startBakery(config: Config, roles: Roles, log: Logger): Promise<Running> {
  makeFolder(config.data);
  const closing: Closing = [];
  const metrics = createMetrics();
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) {
      await Promise.resolve(close()).catch((error: unknown) =>
        log.warn({ err: error }, 'a part did not close well'),
      );
    }
  };
  let starting = true;
  const started: Check = {
    name: 'start',
    check: () => {
      if (starting) throw new Error('Bakery is still starting.');
    },
  };
  const checks: Check[] = [started];
  try {
    const role = [roles.bot ? ['bot'] : [], roles.worker ? ['worker'] : []].flat().join('+');
    const tracing = await startTracing(config.traces, {
      installation: config.name,
      role,
      secret: secretOf,
      log,
    });
    closing.push(() => tracing.stop());
    const { telemetry } = tracing;
    const backend = await openQueue(config.queue.url.reveal(), {
      prefix: `bakery-${config.name}`,
      log,
      ...(telemetry === undefined ? {} : { telemetry }),
    });
    closing.push(() => backend.close());
    const routes: Route[] = [];
    const port = roles.bot ? config.http.port : config.worker.port;
    closing.push(await serve(config, port, checks, metrics, routes, log));
    const store = directoryStore(config.store);
    const files = new FilesInForce(config, { log, metrics });
    if (roles.worker) {
      const worker = await startWorker(config, backend, store, { metrics, tracing, log });
      closing.push(worker.close);
      await files.add(worker.taker, config);
    }
    files.start();
    closing.push(() => files.stop());
    if (roles.bot) {
      closing.push(
        ...(await startCoordinator(files, backend, store, { checks, routes, metrics, tracing, log })),
      );
      // Nothing is taken any more while the coordinator closes.
      closing.push(() => files.stop());
    }
    starting = false;
    return { stop, reload: () => files.look(true) };
  } catch (error) {
    await stop();
    throw error;
  }
}
