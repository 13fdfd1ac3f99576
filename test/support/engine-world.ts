import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedgerFile, openLedgerFile } from '../../src/ledger/database.ts';
import { tableRows } from '../../src/ledger/rows.ts';
import type { Answer, PipelineCommand } from '../../src/pipeline/domain/command.ts';
import type { Deployment } from '../../src/pipeline/domain/deployment.ts';
import type { Release } from '../../src/pipeline/domain/release.ts';
import type { Slot } from '../../src/pipeline/domain/slot.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import type { Timings } from '../../src/queue/timings.ts';
import { type Child, startChild } from './child.ts';
import { commitNamed } from './core-world.ts';
import type { EngineSetting } from './engine-process.ts';
import { eventually } from './eventually.ts';
import { ada, environment, policy } from './policies.ts';
import { type SmallCloud, workOf } from './small-cloud.ts';

const child = new URL('./engine-process.ts', import.meta.url);

/** Times that a person would not wait for: nothing here depends on how long a soak is. */
const quick = policy({
  environments: [
    environment('dev', 4001, { soak: 200 }),
    environment('production', 4003, {
      promotion: 'approval',
      approvals: 1,
      steps: [50, 100],
      pause: 100,
      soak: 400,
      retireAfter: 600,
      production: true,
    }),
  ],
});

export interface EngineRig {
  kind: 'redis' | 'postgres' | 'embedded';
  /** Asked for each world; an embedded queue gets a folder of its own. */
  url(folder: string): string;
  /** Removes all that the queue holds. */
  empty?(prefix: string): Promise<void>;
  server?: { stop(): Promise<void>; start(): Promise<void> };
}

/**
 * The real engine and the real queue in processes that can be killed and frozen, around a cloud that lives here.
 * With the embedded queue one process is both bot and worker.
 */
export class EngineWorld {
  readonly cloud: SmallCloud = {
    get now() {
      return Date.now();
    },
    running: new Set(),
    images: new Map(),
    lostImages: new Set(),
    unwell: new Set(),
    marks: new Map(),
    weights: new Map(),
    bakes: [],
  };
  readonly begun: { attempt: Attempt; by: number }[] = [];
  readonly prefix = `engine-${randomBytes(5).toString('hex')}`;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bakery-engine-'));
  readonly #rig: EngineRig;
  readonly #timings: Partial<Timings>;
  readonly #held: { attempt: Attempt; go(): void }[] = [];
  /** Which attempts do not come back until they are let go. */
  holds: (attempt: Attempt) => boolean = () => false;
  bot: Child | undefined;
  workers: Child[] = [];
  #ledger: LedgerFile | undefined;

  constructor(rig: EngineRig, timings: Partial<Timings>) {
    this.#rig = rig;
    this.#timings = timings;
  }

  /** Whether bot and workers are processes of their own. */
  get apart(): boolean {
    return this.#rig.kind !== 'embedded';
  }

  get queueFolder(): string {
    return join(this.#folder, 'queue');
  }

  async start(workers = 1): Promise<void> {
    await this.startBot();
    if (this.apart) for (let count = 0; count < workers; count++) await this.startWorker();
  }

  async startBot(): Promise<void> {
    const bot = { data: join(this.#folder, 'data'), policy: quick };
    this.bot = await this.#spawn({ bot, ...(this.apart ? {} : { worker: { concurrency: 4 } }) });
  }

  /** `ahead`: by how many milliseconds its clock is. */
  async startWorker(ahead = 0): Promise<Child> {
    const worker = await this.#spawn({ worker: { concurrency: 4 }, ahead });
    this.workers.push(worker);
    return worker;
  }

  /** kill -9, and a new one on the same ledger. */
  async restartBot(): Promise<void> {
    await this.bot?.kill();
    await this.startBot();
  }

  async #spawn(role: Pick<EngineSetting, 'bot' | 'worker' | 'ahead'>): Promise<Child> {
    const url = this.#rig.url(this.queueFolder);
    const setting: EngineSetting = { url, prefix: this.prefix, timings: this.#timings, ...role };
    let self: Child | undefined;
    const made = await startChild(child, setting, {
      work: (attempt: Attempt) => this.#work(attempt, self?.pid ?? 0),
    });
    self = made;
    await made.says('ready', 60_000);
    return made;
  }

  async #work(attempt: Attempt, by: number): Promise<Outcome> {
    this.begun.push({ attempt, by });
    if (this.holds(attempt)) await new Promise<void>((go) => this.#held.push({ attempt, go }));
    return workOf(this.cloud, attempt);
  }

  /** Lets what is held come back, and holds nothing more. */
  letGo(): void {
    this.holds = () => false;
    for (const { go } of this.#held.splice(0)) go();
  }

  /** Waits until an attempt of this kind is held in the middle of its work. */
  held(fits: (attempt: Attempt) => boolean): Promise<Attempt> {
    return eventually('an attempt is in the middle of its work', 20_000, () =>
      this.#held.map(({ attempt }) => attempt).find(fits),
    );
  }

  do(command: PipelineCommand): Promise<Answer> {
    if (this.bot === undefined) throw new Error('the bot was not started');
    // The answer is the engine's own; it travelled as JSON.
    return this.bot.ask('handle', command) as Promise<Answer>;
  }

  push(name: string): Promise<Answer> {
    return this.do({ do: 'request release', service: 'hello', commit: commitNamed(name), by: ada });
  }

  #rows() {
    this.#ledger ??= openLedgerFile(join(this.#folder, 'data'));
    return tableRows(this.#ledger.db);
  }

  release(version: number): Release | undefined {
    return this.#rows().release('hello', version);
  }

  slot(environment: string): Slot | undefined {
    return this.#rows().slot('hello', environment);
  }

  deployment(id: string): Deployment | undefined {
    return this.#rows().deployment(id);
  }

  /** Waits for the question in production, and says yes. */
  async approve(version: number): Promise<Answer> {
    const waiting = await eventually(`v${version} waits for approval`, 40_000, () =>
      this.#openIn('production').find((one) => one.version === version && one.wait?.for === 'approval'),
    );
    const { id, image, plan } = waiting;
    const settings = plan.settings.digest;
    return this.do({
      do: 'approve',
      service: 'hello',
      deployment: id,
      image: image.digest,
      settings,
      by: ada,
      verified: { reachable: true },
    });
  }

  #openIn(environment: string): Deployment[] {
    return (this.slot(environment)?.open ?? []).flatMap((id) => this.deployment(id) ?? []);
  }

  /** Waits until this version is live in production and nothing is under way any more. */
  settled(version: number, ms = 40_000): Promise<unknown> {
    return eventually(`v${version} is live in production and all is quiet`, ms, () => {
      const slots = ['dev', 'production'].map((name) => this.slot(name));
      const quiet = slots.every((slot) => slot?.open.length === 0 && slot.lease === undefined);
      return quiet && this.slot('production')?.live?.version === version;
    });
  }

  /** A release that goes all the way. */
  async ship(name: string, version: number): Promise<void> {
    await this.push(name);
    await this.approve(version);
    await this.settled(version);
  }

  /** What is in the cloud, and what the ledger believes: equal at rest. */
  leftovers(): { running: string[]; members: string[] } {
    const live = new Set(
      ['dev', 'production'].flatMap((name) => this.slot(name)?.live?.instances.map(({ id }) => id) ?? []),
    );
    const members = [...this.cloud.weights.values()].flatMap((weights) => Object.keys(weights));
    return {
      running: [...this.cloud.running].filter((id) => !live.has(id)),
      members: members.filter((id) => !live.has(id)),
    };
  }

  async empty(): Promise<void> {
    await this.#rig.empty?.(this.prefix);
  }

  async close(): Promise<void> {
    await Promise.all([this.bot, ...this.workers].map((one) => one?.kill()));
    this.#ledger?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
