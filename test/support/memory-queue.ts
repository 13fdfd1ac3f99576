import type { Outcome } from '../../src/pipeline/domain/task.ts';
import { type Attempt, attemptId, type Ended, type TaskQueue } from '../../src/pipeline/task-queue.ts';

/** A queue in memory whose workers are the test: it takes due attempts and ends them when it likes. */
export class MemoryQueue implements TaskQueue {
  readonly #jobs = new Map<
    string,
    { attempt: Attempt; due: number; state: 'waiting' | 'active' | 'ended' }
  >();
  readonly #ended = new Map<string, Ended['outcome']>();
  readonly cancelled = new Set<string>();
  readonly #now: () => number;
  away = false;
  /** Whether it tells of what ended; without, it is found all the same. */
  tells = false;
  #wake: () => void = () => undefined;
  #tell: (ended: Ended) => void = () => undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  async add(attempt: Attempt, delay: number): Promise<void> {
    this.#answers();
    const id = attemptId(attempt);
    if (!this.#jobs.has(id)) this.#jobs.set(id, { attempt, due: this.#now() + delay, state: 'waiting' });
  }

  async *ended(): AsyncIterable<Ended> {
    this.#answers();
    for (const [id, outcome] of [...this.#ended]) yield { id, outcome };
  }

  async release(id: string): Promise<void> {
    this.#jobs.delete(id);
    this.#ended.delete(id);
  }

  async held(ids: string[]): Promise<Set<string>> {
    this.#answers();
    return new Set(ids.filter((id) => this.#jobs.has(id)));
  }

  async cancel(id: string): Promise<'removed' | 'told' | 'unknown'> {
    this.#answers();
    const job = this.#jobs.get(id);
    if (job === undefined) return 'unknown';
    if (job.state === 'waiting') {
      this.#jobs.delete(id);
      return 'removed';
    }
    this.cancelled.add(id);
    return 'told';
  }

  onWake(wake: () => void): void {
    this.#wake = wake;
  }

  onEnded(tell: (ended: Ended) => void): void {
    this.#tell = tell;
  }

  onProgress(): void {}

  async ping(): Promise<void> {
    this.#answers();
  }

  async counts(): Promise<{ waiting: number; active: number; delayed: number }> {
    return { waiting: this.#jobs.size, active: 0, delayed: 0 };
  }

  async close(): Promise<void> {}

  /** The attempts that are due now; each is active from here on. */
  take(): Attempt[] {
    const due = [...this.#jobs.values()].filter((job) => job.state === 'waiting' && job.due <= this.#now());
    for (const job of due) job.state = 'active';
    return due.map(({ attempt }) => attempt);
  }

  /** When the next attempt is due. */
  nextDue(): number | undefined {
    const waiting = [...this.#jobs.values()].filter(({ state }) => state === 'waiting');
    return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ due }) => due));
  }

  end(attempt: Attempt, outcome: Outcome | { is: 'lost'; because: string }): void {
    const job = this.#jobs.get(attemptId(attempt));
    if (job === undefined) return;
    job.state = 'ended';
    this.#ended.set(attemptId(attempt), outcome);
    if (this.tells) this.#tell({ id: attemptId(attempt), outcome });
    else this.#wake();
  }

  /** As after FLUSHALL: nothing is held any more. */
  empty(): void {
    this.#jobs.clear();
    this.#ended.clear();
  }

  #answers(): void {
    if (this.away) throw new Error('the queue is away');
  }
}
