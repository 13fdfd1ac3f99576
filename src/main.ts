import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { embeddedBalancer } from './balancers/embedded/index.ts';
import { startBot } from './bot/app.ts';
import type { Config } from './config/config.ts';
import { gitSurroundings } from './config/outside.ts';
import { readSecret } from './config/secret.ts';
import { keeperCommands } from './keeper/keeper.ts';
import { openLedgerFile, takeCoordinatorLock } from './ledger/database.ts';
import { sqliteOutbox } from './ledger/outbox.ts';
import { sqliteQueries } from './ledger/queries.ts';
import { sqliteLedger } from './ledger/sqlite-ledger.ts';
import { type Check, healthRoutes } from './ops/health.ts';
import { hideInLogs } from './ops/log.ts';
import { createMetrics, type Metrics } from './ops/metrics.ts';
import type { Balancer } from './pipeline/balancer.ts';
import { createEngine } from './pipeline/engine/engine.ts';
import { frontDoor } from './pipeline/front-door.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { type Provider, ProviderError } from './pipeline/provider.ts';
import type { QueueBackend } from './pipeline/task-queue.ts';
import { taskRunner } from './pipeline/worker.ts';
import { localProvider } from './providers/local/index.ts';
import { openQueue } from './queue/open-queue.ts';
import { gitRepositories } from './source/git.ts';
import { directoryStore } from './store/directory.ts';
import { startPolling } from './triggers/poll.ts';
import { webhooks } from './triggers/webhook.ts';

export interface Roles {
  bot: boolean;
  worker: boolean;
}

export interface Running {
  stop(): Promise<void>;
}

type Closing = (() => Promise<void> | void)[];

/** Puts the parts together: the only place that sees them all. Resolves when everything runs. */
export async function startBakery(config: Config, roles: Roles, log: Logger): Promise<Running> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const closing: Closing = [];
  const metrics = createMetrics();
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) {
      await Promise.resolve(close()).catch((error: unknown) =>
        log.warn({ err: error }, 'a part did not close well'),
      );
    }
  };
  const checks: Check[] = [];
  try {
    const backend = await openQueue(config.queue.url.reveal(), { prefix: `bakery-${config.name}`, log });
    closing.push(() => backend.close());
    const routes: Route[] = [];
    closing.push(await serve(config, roles, checks, metrics, routes, log));
    const store = directoryStore(config.store);
    if (roles.worker) closing.push(await startWorker(config, backend, store, metrics, log));
    if (roles.bot)
      closing.push(...(await startCoordinator(config, backend, store, { checks, routes, metrics, log })));
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Route = ReturnType<typeof webhooks>;

/** `/healthz`, `/readyz`, `/metrics` and the webhooks. A worker on a machine of its own serves them only if it can. */
async function serve(
  config: Config,
  roles: Roles,
  checks: Check[],
  metrics: Metrics,
  routes: Route[],
  log: Logger,
): Promise<() => void> {
  const health = healthRoutes(
    () => checks,
    metrics,
    async () => undefined,
  );
  const server = createServer((request, response) => {
    const answer = async () => {
      for (const route of [health, ...routes]) if (await route(request, response)) return;
      response.writeHead(404).end('There is nothing here.\n');
    };
    answer().catch((error: unknown) => {
      log.error({ err: error }, 'a request to the HTTP server failed');
      if (!response.headersSent) response.writeHead(500);
      response.end('Bakery failed at this. See its log.\n');
    });
  });
  await listen(server, config.http.host, roles.bot ? config.http.port : config.worker.port);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new ProviderError(
              'port in use',
              `Port ${port} on ${host} is taken. Nothing was started. Set http.port in bot.yaml to another one.`,
            )
          : error,
      ),
    );
    server.listen(port, host, resolve);
  });
}

async function startWorker(
  config: Config,
  backend: QueueBackend,
  store: ReturnType<typeof directoryStore>,
  metrics: Metrics,
  log: Logger,
): Promise<() => Promise<void>> {
  const providers = new Map<string, Provider>();
  for (const [name, { root }] of config.providers)
    providers.set(name, localProvider({ root, now: Date.now }));
  const balancers = new Map<string, Balancer>();
  for (const [name, { host, dataDir }] of config.balancers) {
    const balancer = embeddedBalancer({ host, dataDir });
    balancers.set(name, balancer);
    // What was live answers again after a reboot as soon as its instance does.
    await balancer.ensure();
  }
  mkdirSync(config.worker.scratch, { recursive: true, mode: 0o700 });
  const run = taskRunner({
    tools: {
      provider: (name) => known(providers, name, 'provider'),
      balancer: (name) => known(balancers, name, 'balancer'),
      store,
      commands: keeperCommands(),
      secret: async (reference) => {
        const value = await readSecret(reference);
        hideInLogs(value);
        return value;
      },
      scratch: config.worker.scratch,
      now: Date.now,
    },
    onBug: (attempt, error) =>
      log.error({ err: error, effect: attempt.effect, kind: attempt.kind }, 'a task failed unexpectedly'),
    onEnd: (attempt, outcome, took) => {
      metrics.taskEnded(attempt.kind, outcome.is, took);
    },
  });
  const worker = await backend.worker(run, {
    concurrency: config.worker.concurrency,
    name: `worker-${process.pid}`,
  });
  return () => worker.close();
}

function known<Part>(parts: ReadonlyMap<string, Part>, name: string, what: string): Part {
  const part = parts.get(name);
  if (part !== undefined) return part;
  throw new ProviderError(
    'denied',
    `This worker's bot.yaml has no ${what} ${name}. Nothing was done. Add it there.`,
  );
}

interface CoordinatorParts {
  checks: Check[];
  routes: Route[];
  metrics: Metrics;
  log: Logger;
}

/** The bot and the one coordinator. A second one waits, and says so, until the first is gone. */
async function startCoordinator(
  config: Config,
  backend: QueueBackend,
  store: ReturnType<typeof directoryStore>,
  { checks, routes, metrics, log }: CoordinatorParts,
): Promise<Closing> {
  const closing: Closing = [];
  const lock = await coordinatorLock(config, checks, log);
  closing.push(() => lock.release());
  const file = openLedgerFile(config.data);
  closing.push(() => file.close());
  const ledger = sqliteLedger(file);
  const queue = await backend.queue();
  metrics.read({ queue: () => queue.counts() });
  const { policies } = config;
  const engine = createEngine({ ledger, queue, policies, now: steadyClock(), log });
  const repositories = gitRepositories({
    cacheDir: join(config.data, 'repositories'),
    env: gitSurroundings(),
  });
  const pipeline = frontDoor({
    engine: {
      subscribe: engine.subscribe,
      handle: async (command) => {
        const answer = await engine.handle(command);
        metrics.commandDecided(command.do, 'refused' in answer ? answer.refused : 'accepted');
        return answer;
      },
    },
    query: sqliteQueries({ db: file.db, store, policies, now: Date.now }),
    outbox: sqliteOutbox(file.db, (service) => policies.get(service), Date.now),
    repositories,
  });
  engine.start();
  closing.push(() => engine.stop());
  const bot = await startSlack(config, pipeline, log);
  closing.push(() => bot.stop());
  routes.push(
    webhooks({
      pipeline,
      policies: () => policies.values(),
      secrets: await webhookSecrets(config),
      now: Date.now,
      firstTime: (source, id) => ledger.firstTime(source, id, Date.now()),
    }),
  );
  closing.push(
    startPolling({
      pipeline,
      policies: () => policies.values(),
      branchHead: repositories.branchHead,
      released: async (service) => ((await pipeline.query.service(service))?.service.nextVersion ?? 1) > 1,
      every: config.poll,
      onError: (service, error) => log.warn({ err: error, service }, 'a remote could not be looked at'),
    }),
  );
  checks.push(
    { name: 'queue', check: () => queue.ping() },
    { name: 'engine', check: () => say(engine.trouble()) },
    {
      name: 'slack',
      check: () => {
        const { ready, reason } = bot.state();
        say(ready ? undefined : (reason ?? 'Slack cannot be reached.'));
      },
    },
  );
  return closing;
}

function say(trouble: string | undefined): void {
  if (trouble !== undefined) throw new Error(trouble);
}

async function coordinatorLock(config: Config, checks: Check[], log: Logger): Promise<{ release(): void }> {
  let waiting = false;
  const standby: Check = {
    name: 'coordinator',
    check: () =>
      say(waiting ? 'Standing by: another process is the coordinator of this data directory.' : undefined),
  };
  checks.push(standby);
  for (;;) {
    const lock = takeCoordinatorLock(config.data);
    if (lock !== undefined) {
      waiting = false;
      return lock;
    }
    if (!waiting) log.info({ data: config.data }, 'standing by: another process is the coordinator');
    waiting = true;
    await pause(1_000);
  }
}

async function startSlack(config: Config, pipeline: Pipeline, log: Logger) {
  const { slack } = config;
  const read = async (reference: string): Promise<string> => {
    const value = await readSecret(reference);
    hideInLogs(value);
    return value;
  };
  return startBot({
    pipeline,
    defaultChannel: slack.defaultChannel,
    log,
    now: Date.now,
    slack: {
      mode: slack.mode,
      host: config.http.host,
      port: slack.port,
      botToken: await read(slack.botToken),
      signingSecret: slack.signingSecret === undefined ? '' : await read(slack.signingSecret),
      ...(slack.appToken === undefined ? {} : { appToken: await read(slack.appToken) }),
      ...(slack.apiUrl === undefined ? {} : { apiUrl: slack.apiUrl }),
    },
  });
}

async function webhookSecrets({ webhooks: references }: Config): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const [source, reference] of Object.entries(references)) {
    if (typeof reference !== 'string') continue;
    const value = await readSecret(reference);
    hideInLogs(value);
    secrets[source] = value;
  }
  return secrets;
}

/** The coordinator's clock never goes back, whatever happens to the machine's. */
function steadyClock(): () => number {
  let last = 0;
  return () => {
    last = Math.max(last, Date.now());
    return last;
  };
}
