import { join } from 'node:path';
import type { Logger } from 'pino';
import type { RunningBot } from '../bot/app.ts';
import type { Config } from '../config/config.ts';
import { gitSurroundings } from '../config/outside.ts';
import { serveControl } from '../control/server.ts';
import { openForge } from '../forge/index.ts';
import { warnOfChecks } from '../forge/warn-of-checks.ts';
import { changesBetween } from '../ledger/changes.ts';
import { openLedgerFile } from '../ledger/database.ts';
import { sqliteOutbox } from '../ledger/outbox.ts';
import { sqliteQueries } from '../ledger/queries.ts';
import { ledgerReadings } from '../ledger/readings.ts';
import { sqliteLedger } from '../ledger/sqlite-ledger.ts';
import { isStoreHeld, storedNames } from '../ledger/stored.ts';
import type { Check } from '../ops/health.ts';
import { hideInLogs, withoutSecrets } from '../ops/log.ts';
import { measure } from '../ops/measure.ts';
import type { Metrics } from '../ops/metrics.ts';
import { createEngine } from '../pipeline/engine/engine.ts';
import { frontDoor } from '../pipeline/front-door.ts';
import type { Store } from '../pipeline/store.ts';
import type { QueueBackend } from '../pipeline/task-queue.ts';
import { repositoryAccess } from '../source/access.ts';
import { gitRepositories } from '../source/git.ts';
import { removeOldCopies } from '../source/old-copies.ts';
import type { Tracing } from '../tracing/contract.ts';
import { traceLink } from '../tracing/trace-id.ts';
import { startPolling } from '../triggers/poll.ts';
import { submissions } from '../triggers/submit.ts';
import { webhooks } from '../triggers/webhook.ts';
import { startAnchors } from './anchors.ts';
import { openCalendars } from './calendars.ts';
import { codeToClaim } from './claim.ts';
import { filesAtStart, LiveFiles, takesFiles } from './coordinator-files.ts';
import { keepClean } from './house-cleaning.ts';
import type { Route } from './http.ts';
import type { FilesInForce } from './in-force.ts';
import { startOutward } from './outward.ts';
import { keepRescueFiles } from './rescue-files.ts';
import { secretOf } from './secrets.ts';
import { slackReadiness, startSlack } from './slack.ts';
import { coordinatorLock } from './standing-by.ts';
import { keepStoreClean } from './store-cleaning.ts';
import { openWorkspaces } from './workspaces.ts';

/** What is to be closed at the end, last first. */
export type Closing = (() => Promise<void> | void)[];

export interface CoordinatorParts {
  checks: Check[];
  routes: Route[];
  metrics: Metrics;
  tracing: Tracing;
  log: Logger;
}

/** The bot and the one coordinator. A second one waits, and says so, until the first is gone. */
export async function startCoordinator(
  files: FilesInForce,
  backend: QueueBackend,
  store: Store,
  { checks, routes, metrics, tracing, log }: CoordinatorParts,
): Promise<Closing> {
  const closing: Closing = [];
  const lock = await coordinatorLock(files.config, checks, log);
  // While it stood by the files may have changed.
  const { config } = files;
  closing.push(() => lock.release());
  const file = openLedgerFile(config.data);
  closing.push(() => file.close());
  const [adminPlace, ...otherPlaces] = openWorkspaces(config.slack, file.db, log);
  const ledger = sqliteLedger(file);
  const queue = tracing.queue(await backend.queue());
  metrics.read({ queue: () => queue.counts(), ...ledgerReadings(file.db, Date.now) });
  const live = new LiveFiles(config);
  const { policies, groups } = live;
  const claimCode = await codeToClaim(config, ledger, log);
  const calendars = openCalendars(() => live.config);
  const engine = createEngine({
    ledger,
    queue,
    policies,
    groups,
    now: steadyClock(),
    log,
    ...claimCode,
    adminPlace,
    otherPlaces,
    get admins() {
      return live.config.admins;
    },
    calendar: calendars.of,
    redact: withoutSecrets,
    observe: (events, facts, at) => {
      measure(events, facts, at, metrics);
      tracing.observe(events, facts, at);
    },
  });
  const cacheDir = join(config.data, 'repositories');
  const repositories = gitRepositories({
    cacheDir,
    env: gitSurroundings(),
    closed: {
      accessOf: (repository) =>
        [...policies.values()].find((one) => one.repository === repository && one.access !== undefined)
          ?.access,
      open: repositoryAccess({ secret: secretOf, hide: hideInLogs, now: Date.now }),
    },
  });
  const cleanCopies = () => removeOldCopies(cacheDir, Date.now());
  closing.push(keepClean({ what: 'copies of repositories', clean: cleanCopies, log }));
  const changes = changesBetween({ store, commits: repositories, now: Date.now });
  const forge = openForge(secretOf);
  const pipeline = frontDoor({
    engine: {
      subscribe: engine.subscribe,
      traced: engine.traced,
      handle: tracing.handle(async (command) => {
        const answer = await engine.handle(command);
        metrics.commandDecided(command.do, 'refused' in answer ? answer.refused : 'accepted');
        return answer;
      }),
    },
    query: sqliteQueries({
      db: file.db,
      store,
      policies,
      now: Date.now,
      changes,
      checks: warnOfChecks({ forge, now: Date.now }),
      calendar: calendars.of,
      groups,
      ...traceLinks(config),
    }),
    outbox: sqliteOutbox(file.db, (service) => policies.get(service), Date.now, changes),
    repositories,
    forge,
  });
  engine.start();
  closing.push(
    keepRescueFiles({
      data: config.data,
      slots: ledger.slots,
      store,
      every: 2_000,
      onError: (slot, error) => log.warn({ err: error, slot }, 'a rescue script could not be written'),
    }),
  );
  closing.push(
    keepStoreClean({
      names: (since) => storedNames(file.db, since),
      isHeld: () => isStoreHeld(file.db),
      store,
      now: Date.now,
      log,
    }),
  );
  closing.push(() => engine.stop());
  const bot = await startSlack(() => live.config, pipeline, metrics, log, {
    firstTime: (id) => ledger.firstTime('slack', id, Date.now()),
    reminding: calendars.reminding,
  });
  closing.push(() => bot.stop());
  const courier = startOutward({
    installation: config.name,
    file,
    policies,
    commits: repositories,
    pipeline,
    bot,
    log,
  });
  closing.push(() => courier.stop());
  closing.push(await startControl(config, live.operators, bot, log));
  if (config.anchors !== undefined) {
    closing.push(startAnchors({ file, anchors: config.anchors, post: bot.say, log }));
  }
  routes.push(
    webhooks({
      pipeline,
      policies: () => policies.values(),
      secrets: await webhookSecrets(config),
      now: Date.now,
      firstTime: (source, id) => ledger.firstTime(source, id, Date.now()),
    }),
  );
  routes.push(
    submissions({
      pipeline,
      policy: (service) => policies.get(service),
      secret: secretOf,
      put: store.put,
      has: store.has,
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
    ...slackReadiness(bot),
  );
  const byFiles = { dir: config.dir, live, engine, query: pipeline.query };
  await filesAtStart(byFiles);
  await files.add(takesFiles(byFiles), config);
  return closing;
}

/** The command line's way in. Without it all else works, so its failure is logged and said by `bakery run`. */
async function startControl(
  config: Config,
  operators: ReadonlyMap<string, string>,
  bot: RunningBot,
  log: Logger,
): Promise<() => Promise<void>> {
  try {
    return await serveControl({
      socket: config.control,
      operators,
      controlled: { run: bot.line, card: bot.card },
      onError: (error) => log.error({ err: error }, 'a request of the command line failed'),
    });
  } catch (error) {
    log.warn({ err: error, socket: config.control }, 'bakery run has no way in: set `control` in bot.yaml');
    return async () => {};
  }
}

function say(trouble: string | undefined): void {
  if (trouble !== undefined) throw new Error(trouble);
}

async function webhookSecrets({ webhooks: references }: Config): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const [source, reference] of Object.entries(references)) {
    if (typeof reference !== 'string') continue;
    secrets[source] = await secretOf(reference);
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

function traceLinks({
  name: installation,
  traces,
}: Config): Pick<Parameters<typeof sqliteQueries>[0], 'traceLink'> {
  const template = traces?.link;
  if (template === undefined) return {};
  return { traceLink: (name) => traceLink(template, installation, name) };
}
