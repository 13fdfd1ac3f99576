import { openLedgerFile } from '../../src/ledger/database.ts';
import { sqliteLedger } from '../../src/ledger/sqlite-ledger.ts';
import type { PipelineCommand } from '../../src/pipeline/domain/command.ts';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import { createEngine } from '../../src/pipeline/engine/engine.ts';
import type { Attempt, AttemptControl } from '../../src/pipeline/task-queue.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import type { Timings } from '../../src/queue/timings.ts';
import { rpc } from './rpc.ts';

/**
 * A process of its own with the real engine, ledger and queue (`bot`), with a real worker of the queue (`worker`), or
 * both. What a task does is asked of the test, which keeps the cloud: that one lives on when this process is killed.
 */
export interface EngineSetting {
  url: string;
  prefix: string;
  timings: Partial<Timings>;
  /** Of the bot: the folder of its ledger, and the policy of its one service. */
  bot?: { data: string; policy: ServicePolicy };
  worker?: { concurrency: number };
  /** By how many milliseconds this process's clock is ahead. */
  ahead?: number;
}

const { url, prefix, timings, bot, worker, ahead = 0 } = JSON.parse(process.argv[2] ?? '') as EngineSetting;
const machineClock = Date.now;
Date.now = () => machineClock() + ahead;
const silent = { info() {}, warn() {}, error() {} };
const backend = await openQueue(url, { prefix, timings });
const handlers: Record<string, (given: never) => unknown> = {};
const ask = rpc(process, handlers);
// Not left behind by a test run that was ended in the middle.
process.once('disconnect', () => process.exit(1));

if (bot !== undefined) {
  const file = openLedgerFile(bot.data);
  const engine = createEngine({
    ledger: sqliteLedger(file),
    queue: await backend.queue(),
    policies: new Map([[bot.policy.service, bot.policy]]),
    now: Date.now,
    log: silent,
    every: { clock: 100, sweep: 300, survey: 1_000 },
  });
  handlers.handle = (command: PipelineCommand) => engine.handle(command);
  engine.start();
}
if (worker !== undefined) {
  const work = async (attempt: Attempt, { signal }: AttemptControl): Promise<Outcome> => {
    const aborted = new Promise<Outcome>((resolve) =>
      signal.addEventListener('abort', () =>
        resolve({ is: 'failed', failure: { fault: 'aborted', sentence: 'It was told to stop.' } }),
      ),
    );
    // The outcome came over a channel of our own making.
    return Promise.race([ask('work', attempt) as Promise<Outcome>, aborted]);
  };
  await backend.worker(work, { concurrency: worker.concurrency, name: `worker-${process.pid}` });
}
process.stdout.write('ready\n');
