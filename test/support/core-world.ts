import { createHash } from 'node:crypto';
import { type LedgerFile, openLedgerFile } from '../../src/ledger/database.ts';
import { tableRows } from '../../src/ledger/rows.ts';
import { deployments, events, releases } from '../../src/ledger/schema.ts';
import { sqliteLedger } from '../../src/ledger/sqlite-ledger.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import type { Answer, FoundCommit, PipelineCommand } from '../../src/pipeline/domain/command.ts';
import type { Deployment } from '../../src/pipeline/domain/deployment.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { Release } from '../../src/pipeline/domain/release.ts';
import type { Slot } from '../../src/pipeline/domain/slot.ts';
import type { Mark, Outcome } from '../../src/pipeline/domain/task.ts';
import type { TrailEntry } from '../../src/pipeline/domain/trail.ts';
import type { Verified } from '../../src/pipeline/domain/verified.ts';
import { type ClockState, runClock } from '../../src/pipeline/engine/clock.ts';
import { Deciding } from '../../src/pipeline/engine/deciding.ts';
import { enqueueWanted } from '../../src/pipeline/engine/enqueue.ts';
import { nothingHeld } from '../../src/pipeline/engine/freezes.ts';
import { lookAtGroups } from '../../src/pipeline/engine/groups.ts';
import { recordEnded } from '../../src/pipeline/engine/outcomes.ts';
import type { EngineParts } from '../../src/pipeline/engine/parts.ts';
import { Reports } from '../../src/pipeline/engine/reports.ts';
import { stopTasks } from '../../src/pipeline/engine/stopping.ts';
import { sweepQueue } from '../../src/pipeline/engine/sweep.ts';
import { type Attempt, attemptId } from '../../src/pipeline/task-queue.ts';
import { MemoryQueue } from './memory-queue.ts';
import { ada, policy } from './policies.ts';
import { workOf } from './small-cloud.ts';

type Say = (attempt: Attempt) => Outcome | 'hang' | undefined;

export const commitNamed = (name: string): FoundCommit => ({
  sha: createHash('sha1').update(name).digest('hex'),
  ref: 'main',
  subject: `Change ${name}`,
  author: 'Ada',
  email: 'ada@example.test',
});

/**
 * The real core, engine and ledger with a virtual clock; the workers are this object: it keeps a small cloud of its
 * own (instances, members, weights) and does what each task asks, unless the test says otherwise.
 */
export class CoreWorld {
  now = 1_000_000;
  readonly queue = new MemoryQueue(() => this.now);
  readonly file: LedgerFile;
  readonly ledger: ReturnType<typeof sqliteLedger>;
  readonly running = new Set<string>();
  /** By slot: the weights of its members. */
  readonly weights = new Map<string, Record<string, number>>();
  readonly images = new Map<string, Mark>();
  readonly lostImages = new Set<string>();
  readonly unwell = new Set<string>();
  /** By instance: what it was made for. */
  readonly marks = new Map<string, Mark>();
  readonly bakes: number[] = [];
  readonly attempts: Attempt[] = [];
  readonly hanging: Attempt[] = [];
  /** What the test wants to happen instead; undefined lets the cloud do its work. */
  say: Say = () => undefined;
  readonly parts: EngineParts;
  deciding: Deciding;
  #groups = { begun: false };
  readonly #reports = new Reports(() => this.now);
  readonly #clock: ClockState = {
    startedAt: 0,
    surveyedAt: Number.MAX_SAFE_INTEGER,
    seen: new Map(),
    held: nothingHeld(),
  };

  constructor(servicePolicy: ServicePolicy = policy(), file = openLedgerFile(':memory:')) {
    this.file = file;
    this.ledger = sqliteLedger(file);
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    this.parts = {
      ledger: this.ledger,
      queue: this.queue,
      policies: new Map([[servicePolicy.service, servicePolicy]]),
      now: () => this.now,
      log: silent,
    };
    this.deciding = new Deciding(this.parts, () => undefined);
  }

  do(command: PipelineCommand): Promise<Answer> {
    return this.deciding.command(command);
  }

  push(name: string, by = ada): Promise<Answer> {
    return this.do({ do: 'request release', service: 'hello', commit: commitNamed(name), by });
  }

  release(version: number): Release {
    const release = tableRows(this.file.db).release('hello', version);
    if (release === undefined) throw new Error(`there is no v${version}`);
    return release;
  }

  ledgerSlot(environment: string): Slot | undefined {
    return tableRows(this.file.db).slot('hello', environment);
  }

  releases(): Release[] {
    return this.file.db
      .select()
      .from(releases)
      .all()
      .map(({ row }) => row);
  }

  deploymentIds(): string[] {
    return this.file.db
      .select()
      .from(deployments)
      .all()
      .map(({ id }) => id);
  }

  /** The audit trail so far. */
  trail(): TrailEntry[] {
    return this.file.db
      .select()
      .from(events)
      .orderBy(events.seq)
      .all()
      .flatMap(({ shape, body }) => {
        const event = upcast(shape, body);
        return event.type === 'CommandDecided' ? [event.entry] : [];
      });
  }

  /** The types of all events so far, without the trail. */
  eventTypes(): string[] {
    return this.file.db
      .select({ type: events.type })
      .from(events)
      .orderBy(events.seq)
      .all()
      .map(({ type }) => type)
      .filter((type) => type !== 'CommandDecided');
  }

  slot(environment: string): Slot {
    const slot = this.ledgerSlot(environment);
    if (slot === undefined) throw new Error(`there is no slot ${environment}`);
    return slot;
  }

  deployment(id: string): Deployment {
    const deployment = tableRows(this.file.db).deployment(id);
    if (deployment === undefined) throw new Error(`there is no deployment ${id}`);
    return deployment;
  }

  /** All events of a type so far. */
  eventsOf(type: Event['type']): Event[] {
    return this.file.db
      .select()
      .from(events)
      .orderBy(events.seq)
      .all()
      .flatMap((row) => (row.type === type ? [upcast(row.shape, row.body)] : []));
  }

  async approve(id: string, by = ada, more: Verified = {}): Promise<Answer> {
    const { image, plan } = this.deployment(id);
    const settings = plan.settings.digest;
    const verified = { reachable: true, author: { is: 'person' as const, key: 'T1/UAUTHOR' }, ...more };
    return this.do({
      do: 'approve',
      service: 'hello',
      deployment: id,
      image: image.digest,
      settings,
      by,
      verified,
    });
  }

  /** Lets everything happen that can, moving the clock from one due time to the next, for at most `ms`. */
  async run(ms = 60_000): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      while (await this.round());
      const next = this.queue.nextDue();
      if (next === undefined || next > end) break;
      this.now = Math.max(this.now, next);
    }
    this.now = end;
    while (await this.round());
  }

  /** What the bot had in memory is gone, as after `kill -9`. */
  crash(): void {
    this.deciding = new Deciding(this.parts, () => undefined);
    this.#groups = { begun: false };
  }

  /** One round of the engine and of the workers; true when something happened. */
  async round(): Promise<boolean> {
    await runClock(this.parts, this.deciding, this.#clock);
    await recordEnded(this.parts, this.deciding, this.#reports);
    await stopTasks(this.parts, this.deciding);
    await lookAtGroups(this.parts, this.deciding, this.#groups);
    await enqueueWanted(this.parts);
    await sweepQueue(this.parts);
    const taken = this.queue.take();
    for (const attempt of taken) this.work(attempt);
    for (const attempt of this.hanging.splice(0)) {
      if (this.queue.cancelled.has(attemptId(attempt)))
        this.queue.end(attempt, failed('aborted', 'It was cancelled.'));
      else this.hanging.push(attempt);
    }
    return taken.length > 0 || (await this.ledger.toEnqueue(1)).length > 0;
  }

  work(attempt: Attempt): void {
    this.attempts.push(attempt);
    const said = this.say(attempt);
    if (said === 'hang') this.hanging.push(attempt);
    else this.queue.end(attempt, said ?? workOf(this, attempt));
  }

  /** Something in the cloud that nothing asked for, with a mark of ours. */
  stray(mark: Partial<Mark> = {}): string {
    const whole = {
      owner: this.ledger.owner,
      service: 'hello',
      version: 1,
      environment: 'production',
      effect: `stray.${this.marks.size}`,
      generation: 1,
      epoch: 0,
      ...mark,
    };
    const id = `${whole.effect}.g${whole.generation}`;
    this.running.add(id);
    this.marks.set(id, whole);
    return id;
  }

  /** Goes on with the clouds and the clock of another world, whose ledger is gone. */
  takeCloudsOf(other: CoreWorld): void {
    this.now = other.now;
    for (const id of other.running) this.running.add(id);
    for (const [id, mark] of other.marks) this.marks.set(id, mark);
    for (const [id, mark] of other.images) this.images.set(id, mark);
    for (const [slot, weights] of other.weights) this.weights.set(slot, { ...weights });
  }

  /** Surveys, inventories and all other upkeep, as the clock makes them every few seconds, for at most `ms`. */
  async upkeep(ms: number, every = 15_000): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      await this.survey();
      await this.run(every);
    }
  }

  /** Survey of all quiet slots and inventory of all clouds, as the clock does every few seconds. */
  async survey(): Promise<void> {
    this.#clock.surveyedAt = 0;
    await runClock(this.parts, this.deciding, this.#clock);
    this.#clock.surveyedAt = Number.MAX_SAFE_INTEGER;
  }
}

export const failed = (fault: Parameters<typeof failureOf>[0], sentence: string): Outcome => ({
  is: 'failed',
  failure: failureOf(fault, sentence),
});

const failureOf = (fault: import('../../src/pipeline/domain/fault.ts').Fault, sentence: string) => ({
  fault,
  sentence,
});
