import type { Outcome } from '../../pipeline/domain/task.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import { type Attempt, attemptId, type Ended, type TaskQueue } from '../../pipeline/task-queue.ts';
import { standardTimings } from '../../queue/timings.ts';
import type { Random } from '../random.ts';
import type { SimulatedProcess } from './process.ts';
import type { Timeline } from './timeline.ts';

interface Job {
  id: string;
  attempt: Attempt;
  due: At;
  state: 'waiting' | 'active' | 'ended';
  /** Who holds it: each hand-out has a token of its own. */
  token: number;
  lockedUntil: At;
  outcome?: Outcome;
}

/** Whoever takes attempts from the queue. */
export interface Taker {
  /** Whether it asks for something now. */
  readonly takes: boolean;
  take(id: string, attempt: Attempt, token: number): void;
}

/** A server that holds attempts as BullMQ does: locks that run out, stalled ones handed out again, ids held once. */
export class SimulatedQueue {
  /** Nobody reaches it before this time. */
  awayUntil: At = 0;
  readonly takers = new Set<Taker>();
  readonly #jobs = new Map<string, Job>();
  readonly #cancelled = new Set<string>();
  readonly #timeline: Timeline;
  readonly #random: Random;
  #token = 0;
  #wake: () => void = () => undefined;
  #tell: (ended: Ended) => void = () => undefined;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
    this.#lookForStalled();
  }

  get away(): boolean {
    return this.awayUntil > this.#timeline.now;
  }

  /** As after FLUSHALL. */
  empty(): void {
    this.#jobs.clear();
    this.#cancelled.clear();
  }

  /** How many attempts it holds that are not over. */
  get open(): number {
    return [...this.#jobs.values()].filter(({ state }) => state !== 'ended').length;
  }

  /** The coordinator's side, as one process sees it. */
  sideOf(process: SimulatedProcess): TaskQueue {
    const ask = async <T>(call: () => T): Promise<T> => {
      await process.pause(this.latency());
      if (this.away) return this.#unreachable(process);
      const value = call();
      await process.pause(this.latency());
      // The connection broke while it answered: it has done it all the same.
      if (this.away) return this.#unreachable(process);
      return value;
    };
    return {
      add: (attempt, delay) => ask(() => this.#add(attempt, delay)),
      ended: () => this.#ended(ask),
      release: (id) => ask(() => this.#release(id)),
      held: (ids) => ask(() => new Set(ids.filter((id) => this.#jobs.has(id)))),
      cancel: (id) => ask(() => this.#cancel(id)),
      onWake: (wake) => {
        this.#wake = () => process.after(this.latency(), wake);
      },
      onEnded: (tell) => {
        this.#tell = (ended) => this.#perhapsTold(process, () => tell(ended));
      },
      onProgress: () => undefined,
      ping: () => ask(() => undefined),
      counts: () => ask(() => ({ waiting: this.open, active: 0, delayed: 0 })),
      close: async () => undefined,
    };
  }

  latency(): Millis {
    return this.#random.between(1, 5);
  }

  isCancelled(id: string): boolean {
    return this.#cancelled.has(id);
  }

  /** True when the lock was the caller's, and is for longer now. */
  renew(id: string, token: number): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined || job.state !== 'active' || job.token !== token) return false;
    job.lockedUntil = this.#timeline.now + standardTimings.lock;
    return true;
  }

  /** True when it was taken: only from whoever holds the attempt now. */
  report(id: string, token: number, outcome: Outcome): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined || job.state !== 'active' || job.token !== token) return false;
    job.state = 'ended';
    job.outcome = outcome;
    this.#wake();
    this.#tell({ id, outcome });
    return true;
  }

  /** At once as a rule, late now and then, and sometimes never. */
  #perhapsTold(process: SimulatedProcess, tell: () => void): void {
    const luck = this.#random.between(0, 9);
    if (luck === 0) return;
    process.after(luck === 1 ? this.#random.between(500, 10_000) : this.latency(), tell);
  }

  /** Hands what is due to workers that have a hand free. */
  dispatch(): void {
    if (this.away) return;
    for (const job of this.#jobs.values()) {
      if (job.state !== 'waiting' || job.due > this.#timeline.now) continue;
      const free = [...this.takers].filter(({ takes }) => takes);
      const [first, ...rest] = free;
      if (first === undefined) return;
      job.state = 'active';
      job.token = ++this.#token;
      job.lockedUntil = this.#timeline.now + standardTimings.lock;
      this.#random.pick([first, ...rest]).take(job.id, structuredClone(job.attempt), job.token);
    }
  }

  #add(attempt: Attempt, delay: Millis): void {
    const id = attemptId(attempt);
    if (this.#jobs.has(id)) return;
    const due = this.#timeline.now + delay;
    // It travels as JSON.
    const travelled: Attempt = JSON.parse(JSON.stringify(attempt));
    this.#jobs.set(id, { id, attempt: travelled, due, state: 'waiting', token: 0, lockedUntil: 0 });
    this.#timeline.at(due, () => this.dispatch());
  }

  async *#ended(ask: <T>(call: () => T) => Promise<T>): AsyncIterable<Ended> {
    const ended = await ask(() => [...this.#jobs.values()].filter(({ state }) => state === 'ended'));
    for (const { id, outcome } of ended) {
      if (outcome !== undefined) yield { id, outcome };
    }
  }

  #release(id: string): void {
    const job = this.#jobs.get(id);
    if (job?.state === 'active') return;
    this.#jobs.delete(id);
    this.#cancelled.delete(id);
  }

  #cancel(id: string): 'removed' | 'told' | 'unknown' {
    const job = this.#jobs.get(id);
    if (job === undefined) return 'unknown';
    if (job.state === 'ended') return 'told';
    if (job.state === 'waiting') {
      this.#jobs.delete(id);
      return 'removed';
    }
    this.#cancelled.add(id);
    return 'told';
  }

  #lookForStalled(): void {
    this.#timeline.after(standardTimings.stalled, () => {
      for (const job of this.#jobs.values()) {
        if (job.state === 'active' && job.lockedUntil < this.#timeline.now && !this.away)
          job.state = 'waiting';
      }
      this.dispatch();
      this.#lookForStalled();
    });
  }

  async #unreachable(process: SimulatedProcess): Promise<never> {
    await process.pause(standardTimings.call);
    throw new Error('The queue is away.');
  }
}
