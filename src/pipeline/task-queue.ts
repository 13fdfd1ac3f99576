import type { Outcome, TaskKind } from './domain/task.ts';
import type { Millis } from './domain/time.ts';

/** One attempt at a task, as it travels. */
export interface Attempt {
  effect: string;
  generation: number;
  attempt: number;
  kind: TaskKind;
  input: unknown;
  /** What the attempt before it knew. A hint only. */
  known?: unknown;
  /** Where its log goes in the store. */
  log: string;
  /** How long this attempt may take. */
  limit: Millis;
  /** The protocol that its worker has to speak; any will do when it is left out. See `domain/protocol.ts`. */
  needs?: number;
}

/** `effect.generation.attempt`: the job's id. Opaque, never taken apart. */
export const attemptId = (attempt: Pick<Attempt, 'effect' | 'generation' | 'attempt'>): string =>
  `${attempt.effect}.${attempt.generation}.${attempt.attempt}`;

/** An attempt that is over. `lost` when the queue itself failed it: its worker is gone. */
export interface Ended {
  id: string;
  outcome: Outcome | { is: 'lost'; because: string };
}

/** The coordinator's side of the queue. Disposable: whatever it forgets is enqueued again from the ledger. */
export interface TaskQueue {
  /** Adds it; a no-op while an attempt of the same id is held. Throws when the queue cannot be reached (no offline queue). */
  add(attempt: Attempt, delay: Millis): Promise<void>;
  /** All attempts that ended and were not released yet, page by page. */
  ended(): AsyncIterable<Ended>;
  /** Forgets an attempt whose outcome is committed; also removes one that has not begun. */
  release(id: string): Promise<void>;
  /** Those of the ids that the queue holds, in whatever state. */
  held(ids: string[]): Promise<Set<string>>;
  /**
   * Asks for an end. `removed`: it had not begun and never will. `told`: its worker learns of it at the next lock
   * renewal and reports `aborted`. `unknown`: the queue does not hold it.
   */
  cancel(id: string): Promise<'removed' | 'told' | 'unknown'>;
  /** Called with an attempt that just ended. May be lost, come late or twice: `ended` is what counts. */
  onEnded(tell: (ended: Ended) => void): void;
  /** Called when something may have ended of which nothing was told; the coordinator then looks. */
  onWake(wake: () => void): void;
  /** Called with a running attempt's progress note. May be lost. */
  onProgress(note: (id: string, text: string) => void): void;
  /** For /readyz. Throws with a sentence when the queue is away. */
  ping(): Promise<void>;
  counts(): Promise<{ waiting: number; active: number; delayed: number }>;
  close(): Promise<void>;
}

/** What a worker may know while it does one attempt. */
export interface AttemptControl {
  /** Aborted when the attempt is cancelled, its lock could not be renewed, its time is up, or the worker stops. */
  signal: AbortSignal;
  /** Milliseconds until the lock, as last renewed, runs out. No effect begins that may take longer. */
  leaseLeft(): Millis;
  progress(text: string): void;
}

/** The worker's side: takes attempts and reports what came of them. An exception is the fault `bug`. */
export interface TaskWorker {
  /** How many workers of this queue were seen lately, this one among them: they share what is not to be asked too often. */
  among(): number;
  close(): Promise<void>;
}

export type RunAttempt = (attempt: Attempt, control: AttemptControl) => Promise<Outcome>;

/** One queue, on Redis, on PostgreSQL, or embedded, chosen by URL (`redis://`, `postgres://`, `embedded:/dir`). */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres' | 'embedded';
  queue(): Promise<TaskQueue>;
  /** `version`: Bakery's, told to who asks which workers there are. */
  worker(
    run: RunAttempt,
    options: { concurrency: number; name: string; version?: string },
  ): Promise<TaskWorker>;
  /** Milliseconds by which this machine's clock is ahead of the queue server's. */
  clockSkew(): Promise<Millis>;
  close(): Promise<void>;
}
