import type { Outcome } from '../../pipeline/domain/task.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import type { Attempt, RunAttempt } from '../../pipeline/task-queue.ts';
import { type AbortCause, AttemptAborted, abortedOutcome, afterAbort } from '../../queue/aborted.ts';
import { standardTimings } from '../../queue/timings.ts';
import type { SimulatedProcess } from './process.ts';
import type { SimulatedQueue, Taker } from './queue.ts';
import type { Timeline } from './timeline.ts';

const hands = 4;

/** One attempt as it runs; handed out again, it is joined. */
interface Run {
  token: number;
  leaseEnds: At;
  controller: AbortController;
  why: AbortCause | undefined;
}

/** A worker's process on the simulated queue, by the same rules as the real one: it renews, it hears cancels, it joins. */
export class SimulatedWorker implements Taker {
  /** It does not reach the queue before this time. */
  cutUntil: At = 0;
  readonly process: SimulatedProcess;
  readonly #queue: SimulatedQueue;
  readonly #timeline: Timeline;
  readonly #run: RunAttempt;
  readonly #runs = new Map<string, Run>();

  constructor(process: SimulatedProcess, queue: SimulatedQueue, timeline: Timeline, run: RunAttempt) {
    this.process = process;
    this.#queue = queue;
    this.#timeline = timeline;
    this.#run = run;
    process.every(standardTimings.renew, () => this.#renewAll());
  }

  /** Whether it asks the queue for something now. */
  get takes(): boolean {
    const { killed, frozen } = this.process;
    return !killed && !frozen && !this.#cut && this.#runs.size < hands;
  }

  get #cut(): boolean {
    return this.cutUntil > this.#timeline.now || this.#queue.away;
  }

  take(id: string, attempt: Attempt, token: number): void {
    const known = this.#runs.get(id);
    const leaseEnds = this.#timeline.now + standardTimings.lock;
    if (known !== undefined) {
      known.token = token;
      known.leaseEnds = leaseEnds;
      return;
    }
    const run: Run = { token, leaseEnds, controller: new AbortController(), why: undefined };
    this.#runs.set(id, run);
    this.process.after(this.#queue.latency(), () => void this.#perform(id, attempt, run));
  }

  async #perform(id: string, attempt: Attempt, run: Run): Promise<void> {
    if (this.#queue.isCancelled(id)) this.#abort(run, 'cancelled');
    this.#watchLease(id, run);
    const outcome = await Promise.race([this.#returned(attempt, run), this.#overdue(id, attempt.limit, run)]);
    await this.#report(id, run, outcome);
  }

  async #returned(attempt: Attempt, run: Run): Promise<Outcome> {
    const outcome = await this.#run(attempt, {
      signal: run.controller.signal,
      leaseLeft: () => Math.max(0, run.leaseEnds - this.#timeline.now),
      progress: () => undefined,
    });
    return run.why === undefined ? outcome : afterAbort(run.why, outcome);
  }

  async #overdue(id: string, limit: Millis, run: Run): Promise<Outcome> {
    await this.process.pause(limit);
    if (this.#runs.get(id) === run) this.#abort(run, 'time is up');
    await this.process.pause(standardTimings.grace);
    return abortedOutcome('time is up');
  }

  async #report(id: string, run: Run, outcome: Outcome): Promise<void> {
    await this.process.pause(this.#queue.latency());
    // Until it gets through, or somebody else has the attempt by then.
    while (this.#cut) await this.process.pause(1_000);
    const travelled: Outcome = JSON.parse(JSON.stringify(outcome));
    this.#queue.report(id, run.token, travelled);
    await this.process.pause(this.#queue.latency());
    this.#runs.delete(id);
    this.#queue.dispatch();
  }

  #renewAll(): void {
    if (this.#cut) return;
    for (const [id, run] of this.#runs) {
      if (!this.#queue.renew(id, run.token)) this.#abort(run, 'lock lost');
      else run.leaseEnds = this.#timeline.now + standardTimings.lock;
      if (this.#queue.isCancelled(id)) this.#abort(run, 'cancelled');
    }
  }

  #watchLease(id: string, run: Run): void {
    if (this.#runs.get(id) !== run || run.why !== undefined) return;
    const left = run.leaseEnds - this.#timeline.now;
    if (left <= 0) this.#abort(run, 'lock lost');
    else this.process.after(left, () => this.#watchLease(id, run));
  }

  #abort(run: Run, why: AbortCause): void {
    if (run.why !== undefined) return;
    run.why = why;
    run.controller.abort(new AttemptAborted(why));
  }
}
