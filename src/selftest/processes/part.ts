import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLedgerFile, takeCoordinatorLock } from '../../ledger/database.ts';
import { sqliteOutbox } from '../../ledger/outbox.ts';
import { sqliteQueries } from '../../ledger/queries.ts';
import { sqliteLedger } from '../../ledger/sqlite-ledger.ts';
import { readWhole } from '../../ledger/whole.ts';
import type { PipelineCommand } from '../../pipeline/domain/command.ts';
import { createEngine } from '../../pipeline/engine/engine.ts';
import type { QueueBackend } from '../../pipeline/task-queue.ts';
import { taskRunner } from '../../pipeline/worker.ts';
import { openQueue } from '../../queue/open-queue.ts';
import { directoryStore } from '../../store/directory.ts';
import { faultyBalancer } from '../cloud/balancer.ts';
import { noProbes } from '../cloud/no-probes.ts';
import { faultyProvider } from '../cloud/provider.ts';
import { selftestCommands } from '../commands.ts';
import { Desk } from '../desk.ts';
import { policyOf, serviceNamed } from '../scene.ts';
import { answer } from './channel.ts';
import { httpWire } from './http-wire.ts';
import { callTime, type PartSetting, timings } from './setting.ts';

// A process of a run: bot, worker or both, made of the real parts. All it is told stands in its one argument.
const setting: PartSetting = JSON.parse(process.argv[2] ?? '');
const silent = { info() {}, warn() {}, error() {} };
const { queue, prefix, prepared } = setting;
const backend = await openQueue(queue, { prefix, timings, ...(prepared === undefined ? {} : { prepared }) });
if (setting.worker) await startWorker(backend);
if (setting.bot) await startBot(backend);
process.send?.('ready');
// Whoever conducts it is gone: nothing may be left over of a run.
process.on('disconnect', () => process.exit(1));

async function startBot(queue: QueueBackend): Promise<void> {
  const data = join(setting.folder, 'data');
  // The one before may be dying at this moment.
  let lock = takeCoordinatorLock(data);
  while (lock === undefined) {
    await pause(50);
    lock = takeCoordinatorLock(data);
  }
  process.once('exit', lock.release);
  const file = openLedgerFile(data);
  const { scene, services } = setting;
  const policies = new Map(
    Array.from({ length: services }, (_, index) => policyOf(scene, serviceNamed(index), index)).map(
      (policy) => [policy.service, policy],
    ),
  );
  const engine = createEngine({
    ledger: sqliteLedger(file),
    queue: await queue.queue(),
    policies,
    now: Date.now,
    log: silent,
    every: { clock: 100, sweep: 300, survey: 1_000 },
  });
  const store = directoryStore(join(setting.folder, 'store'));
  const query = sqliteQueries({ db: file.db, store, policies, now: () => 0 });
  const outbox = sqliteOutbox(
    file.db,
    (service) => policies.get(service),
    () => Number.MAX_SAFE_INTEGER,
  );
  const desk = new Desk(query, outbox);
  engine.start();
  answer(process, {
    // What travels is what the conductor sent: its commands are typed there.
    handle: (command) => engine.handle(command as PipelineCommand),
    'wrong cards': async (service) => {
      await desk.show();
      return desk.wrong(readWhole(file.db, `${service}`).cards);
    },
  });
}

async function startWorker(queue: QueueBackend): Promise<void> {
  const { cloud, name, folder, scene } = setting;
  const wire = httpWire(cloud, name, callTime);
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const run = taskRunner({
    tools: {
      provider: () => faultyProvider(wire, scene.haste),
      balancer: () => faultyBalancer(wire, Date.now),
      probe: noProbes,
      store: directoryStore(join(folder, 'store')),
      commands: selftestCommands((ms) => pause(ms), scene.haste),
      secret: async () => '',
      scratch,
      now: Date.now,
    },
    onBug: (attempt, error) => {
      const words = error instanceof Error ? error.stack : `${error}`;
      process.send?.({ bug: `${attempt.effect}: ${words}` });
    },
  });
  await queue.worker(run, { concurrency: 4, name });
}
