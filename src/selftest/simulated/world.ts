import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '../../ledger/audit.ts';
import { openLedgerFile } from '../../ledger/database.ts';
import { sqliteOutbox } from '../../ledger/outbox.ts';
import { sqliteQueries } from '../../ledger/queries.ts';
import { sqliteLedger } from '../../ledger/sqlite-ledger.ts';
import { readWhole, type WholeLedger } from '../../ledger/whole.ts';
import type { PipelineCommand } from '../../pipeline/domain/command.ts';
import { createEngine, type Engine } from '../../pipeline/engine/engine.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import { taskRunner } from '../../pipeline/worker.ts';
import { faultyBalancer } from '../cloud/balancer.ts';
import { FaultyCloud } from '../cloud/faulty-cloud.ts';
import { noProbes } from '../cloud/no-probes.ts';
import { faultyProvider } from '../cloud/provider.ts';
import { Troubles } from '../cloud/troubles.ts';
import { selftestCommands } from '../commands.ts';
import { Desk } from '../desk.ts';
import type { Evidence } from '../evidence.ts';
import { memoryStore } from '../memory-store.ts';
import { commandOf, tellAnswer } from '../people.ts';
import type { Random } from '../random.ts';
import { policyOf, type Scene, service } from '../scene.ts';
import { SimulatedProcess } from './process.ts';
import { SimulatedQueue } from './queue.ts';
import { Timeline } from './timeline.ts';
import { simulatedWire } from './wire.ts';
import { SimulatedWorker } from './worker.ts';

const start = 1_000_000_000;
/** Memory where the machine has a folder in it: the tasks' files are many and small. */
const fastFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * One installation in one process: the real core, engine, ledger and tasks, a bot and workers that can be killed, frozen
 * and cut off, a queue that can lose everything, and the faulty cloud, all in virtual time.
 */
export class SimulatedWorld {
  readonly timeline: Timeline;
  readonly troubles = new Troubles();
  readonly cloud: FaultyCloud;
  readonly queue: SimulatedQueue;
  /** What happened, in order, for whoever reads a failure. */
  readonly told: string[] = [];
  readonly #random: Random;
  readonly #scene: Scene;
  readonly #file = openLedgerFile(':memory:');
  readonly #ledger = sqliteLedger(this.#file);
  readonly #policy;
  readonly #store = memoryStore();
  readonly #scratch = mkdtempSync(join(fastFolder, 'bakery-selftest-'));
  readonly #desk: Desk;
  #bot: { process: SimulatedProcess; engine: Engine } | undefined;
  readonly #workers: SimulatedWorker[] = [];
  #processes = 0;
  #closed = false;

  constructor(scene: Scene, random: Random) {
    this.#scene = scene;
    this.#random = random;
    this.timeline = new Timeline(random, start);
    this.queue = new SimulatedQueue(this.timeline, random);
    this.cloud = new FaultyCloud({
      tokens: scene.tokens,
      bakeTime: 1_500,
      startTime: 900,
      endTime: 400,
      checkTime: 700,
      flightTime: 300,
    });
    this.#policy = policyOf(scene, service);
    const policies = new Map([[this.#policy.service, this.#policy]]);
    // Cards are compared: a clock that stands still draws the same twice.
    const { db } = this.#file;
    const query = sqliteQueries({ db, store: this.#store, policies, now: () => start });
    const outbox = sqliteOutbox(
      db,
      (service) => policies.get(service),
      () => Number.MAX_SAFE_INTEGER,
    );
    this.#desk = new Desk(query, outbox);
    this.startBot();
    for (let count = 0; count < scene.workers; count++) this.startWorker();
  }

  tell(line: string): void {
    this.told.push(`${((this.timeline.now - start) / 1000).toFixed(3).padStart(9)} s  ${line}`);
  }

  startBot(): void {
    const process = this.#process('bot');
    const engine = createEngine({
      ledger: stepping(this.#ledger, process),
      queue: this.queue.sideOf(process),
      policies: new Map([[this.#policy.service, this.#policy]]),
      now: () => this.timeline.now,
      log: silent,
      every: { clock: 2_000, sweep: 3_000, survey: 15_000 },
      repeat: (every, work) => process.every(every, work),
      observe: (events) => {
        for (const event of events) {
          this.tell(tellEvent(event));
          if (this.#scene.eager && event.type === 'DeploymentWaits' && event.wait.for === 'approval')
            this.#sayYes();
        }
      },
    });
    engine.start();
    this.#bot = { process, engine };
  }

  /** A new one is there after `ms`, as a supervisor does it. */
  killBot(ms: number): void {
    const bot = this.#bot;
    if (bot === undefined) return;
    bot.process.kill();
    void bot.engine.stop();
    this.#bot = undefined;
    this.timeline.after(ms, () => this.startBot());
  }

  freezeBot(ms: number): void {
    this.#bot?.process.freeze(ms);
  }

  startWorker(): void {
    const process = this.#process('worker');
    const { timeline, cloud, troubles } = this;
    const wire = simulatedWire(process, {
      timeline,
      random: this.#random,
      cloud,
      troubles,
      tell: (line) => this.tell(line),
    });
    const now = (): number => timeline.now;
    const pause = (ms: number): Promise<void> => process.pause(ms);
    const run = taskRunner({
      tools: {
        provider: () => faultyProvider(wire, this.#scene.haste),
        balancer: () => faultyBalancer(wire, now),
        probe: noProbes,
        store: this.#store,
        commands: selftestCommands(pause, this.#scene.haste),
        secret: async () => '',
        scratch: this.#scratch,
        now,
        pause,
      },
      onBug: (attempt, error) => {
        if (!process.killed)
          this.bugs.push(`${attempt.effect}: ${error instanceof Error ? error.stack : error}`);
      },
    });
    const worker = new SimulatedWorker(process, this.queue, timeline, run);
    this.#workers.push(worker);
    this.queue.takers.add(worker);
    this.queue.dispatch();
    // Whoever is killed comes back, as under a supervisor.
    const look = (): void => {
      if (!process.killed) return void timeline.after(3_000, look);
      this.queue.takers.delete(worker);
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      this.startWorker();
    };
    timeline.after(3_000, look);
  }

  /** What Bakery itself did wrong, by its own words. */
  readonly bugs: string[] = [];

  /** The worker that chance picks. */
  worker(pick: number): SimulatedWorker | undefined {
    return this.#workers[pick % Math.max(1, this.#workers.length)];
  }

  /** Somebody presses a button; with the bot away nothing comes of it. */
  ask(command: PipelineCommand): void {
    const bot = this.#bot;
    if (bot === undefined || bot.process.frozen) {
      this.tell(`nobody hears: ${command.do}`);
      return;
    }
    void bot.engine.handle(command).then(
      (answer) => this.tell(`${command.do}: ${tellAnswer(answer)}`),
      (error: unknown) => this.bugs.push(`${command.do}: ${error instanceof Error ? error.stack : error}`),
    );
  }

  ledger(): WholeLedger {
    return readWhole(this.#file.db, service);
  }

  /** All that was wrong is right again, and all that was away is back. */
  heal(): void {
    this.tell('--- everything is right again ---');
    this.troubles.clear();
    this.cloud.heal(this.timeline.now);
    this.queue.awayUntil = 0;
    this.#bot?.process.thaw();
    for (const worker of this.#workers) {
      worker.process.thaw();
      worker.cutUntil = 0;
    }
  }

  async showCards(): Promise<void> {
    await this.#desk.show();
  }

  async evidence(): Promise<Evidence> {
    await this.#desk.show();
    this.cloud.settle(this.timeline.now);
    const ledger = this.ledger();
    return {
      now: this.timeline.now,
      books: this.cloud.books,
      alarms: this.cloud.alarms,
      ledger,
      service,
      policy: this.#policy,
      audit: audit(this.#file.db),
      wrongCards: await this.#desk.wrong(ledger.cards),
    };
  }

  close(): void {
    this.#closed = true;
    this.#bot?.process.kill();
    void this.#bot?.engine.stop();
    for (const { process } of this.#workers) process.kill();
    this.#file.close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** Somebody who says yes to whatever is asked, a while after it was. */
  #sayYes(): void {
    this.timeline.after(2_000, () => {
      const command = this.#closed
        ? undefined
        : commandOf({ do: 'approve', pick: 0 }, this.ledger(), service);
      if (command !== undefined) this.ask(command);
    });
  }

  #process(role: string): SimulatedProcess {
    return new SimulatedProcess(`${role} ${++this.#processes}`, this.timeline);
  }
}

/** The ledger of a process: after each write there is a moment at which it can be killed. */
function stepping(ledger: Ledger, process: SimulatedProcess): Ledger {
  const step = async <T>(write: Promise<T>): Promise<T> => {
    const value = await write;
    await process.pause(0);
    return value;
  };
  return {
    ...ledger,
    commit: (batch) => step(ledger.commit(batch)),
    enqueued: (tasks) => step(ledger.enqueued(tasks)),
    again: (task, attempt, next) => step(ledger.again(task, attempt, next)),
    missing: (task, since) => step(ledger.missing(task, since)),
    enqueueAgain: (task) => step(ledger.enqueueAgain(task)),
  };
}

function tellEvent(event: { type: string; version?: number; deployment?: string }): string {
  const { type, service: _service, ...rest } = event as { type: string; service: string };
  return `${type} ${JSON.stringify(rest).slice(0, 220)}`;
}
