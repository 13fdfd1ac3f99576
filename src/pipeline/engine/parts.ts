import type { Event } from '../domain/event.ts';
import type { Facts } from '../domain/facts.ts';
import type { ServicePolicy } from '../domain/policy.ts';
import type { At, Millis } from '../domain/time.ts';
import type { Ledger } from '../ledger.ts';
import type { TaskQueue } from '../task-queue.ts';

export interface EngineParts {
  ledger: Ledger;
  queue: TaskQueue;
  policies: ReadonlyMap<string, ServicePolicy>;
  now(): At;
  log: EngineLog;
  /** Told of every commit, with the facts that it was decided on. Must not throw. */
  observe?(events: readonly Event[], facts: Facts, at: At): void;
  /** How often the clock looks at deadlines and the queue is compared with the ledger. */
  every?: { clock?: Millis; sweep?: Millis; survey?: Millis };
  /** Calls the work again and again; returns how to stop. The machine's own timers unless another clock is given. */
  repeat?(every: Millis, work: () => void): () => void;
}

/** Static messages with fields; nothing of it reaches people. */
export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
