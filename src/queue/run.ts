import type { Outcome } from '../pipeline/domain/task.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import type { Attempt, AttemptControl, RunAttempt } from '../pipeline/task-queue.ts';
import { type AbortCause, AttemptAborted, abortedOutcome, afterAbort } from './aborted.ts';
import { messageOf } from './away.ts';
import type { QueueLog } from './log.ts';
import type { Timings } from './timings.ts';

/** setTimeout takes no more than this. */
const longest = 2 ** 31 - 1;

export interface RunSetting {
  timings: Timings;
  log: QueueLog;
  progress(text: string): void;
}

/** One attempt as it runs in this process. However often the queue hands it out again, it runs once. */
export class Run {
  /** What came of it. Never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly #id: string;
  readonly #set: RunSetting;
  readonly #controller = new AbortController();
  #why: AbortCause | undefined;
  #leaseEnds: Millis;
  #leaseTimer: NodeJS.Timeout | undefined;
  #limitTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;

  /** Starts it at once. `granted`: when the lock was asked for, on the monotonic clock (`performance.now()`). */
  constructor(id: string, attempt: Attempt, run: RunAttempt, granted: Millis, set: RunSetting) {
    this.#id = id;
    this.#set = set;
    this.#leaseEnds = granted + set.timings.lock;
    this.#watchLease();
    this.outcome = this.#settle(attempt, run);
  }

  /** The lock was renewed by a call that began at `asked` (monotonic). */
  renewed(asked: Millis): void {
    this.#leaseEnds = Math.max(this.#leaseEnds, asked + this.#set.timings.lock);
  }

  /** Tells the handler to end. The first cause stands. */
  abort(why: AbortCause): void {
    if (this.#why) return;
    this.#why = why;
    this.#set.log.info({ attempt: this.#id, why }, 'attempt aborted');
    this.#controller.abort(new AttemptAborted(why));
  }

  async #settle(attempt: Attempt, run: RunAttempt): Promise<Outcome> {
    const control: AttemptControl = {
      signal: this.#controller.signal,
      leaseLeft: () => Math.max(0, this.#leaseEnds - performance.now()),
      progress: this.#set.progress,
    };
    try {
      return await Promise.race([this.#overdue(attempt.limit), this.#returned(attempt, run, control)]);
    } finally {
      clearTimeout(this.#leaseTimer);
      clearTimeout(this.#limitTimer);
      clearTimeout(this.#graceTimer);
    }
  }

  async #returned(attempt: Attempt, run: RunAttempt, control: AttemptControl): Promise<Outcome> {
    try {
      const outcome = await run(attempt, control);
      if (typeof outcome?.is !== 'string') throw new TypeError('the handler returned no outcome');
      return this.#why ? afterAbort(this.#why, outcome) : outcome;
    } catch (thrown) {
      if (this.#why) return abortedOutcome(this.#why);
      this.#set.log.error({ attempt: this.#id, kind: attempt.kind, err: thrown }, 'attempt threw');
      return { is: 'failed', failure: bug(attempt, thrown) };
    }
  }

  /** Aborts at the limit, and reports for a handler that does not return after it. */
  #overdue(limit: Millis): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#limitTimer = setTimeout(
        () => {
          this.abort('time is up');
          this.#graceTimer = setTimeout(() => {
            this.#set.log.error({ attempt: this.#id }, 'handler does not return after its limit');
            resolve(abortedOutcome('time is up'));
          }, this.#set.timings.grace);
        },
        Math.min(limit, longest),
      );
    });
  }

  #watchLease(): void {
    const left = this.#leaseEnds - performance.now();
    if (left <= 0) this.abort('lock lost');
    else this.#leaseTimer = setTimeout(() => this.#watchLease(), Math.ceil(left));
  }
}

const bug = (attempt: Attempt, thrown: unknown) => ({
  fault: 'bug' as const,
  sentence: `Bakery itself failed in the task "${attempt.kind}": ${messageOf(thrown)}. What it had done by then was left as it is; the worker's log has the details.`,
});
