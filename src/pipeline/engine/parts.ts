import type { Calendar } from '../domain/calendar.ts';
import type { Event } from '../domain/event.ts';
import type { Facts } from '../domain/facts.ts';
import type { GroupPolicy } from '../domain/group.ts';
import type { People, ServicePolicy } from '../domain/policy.ts';
import type { At, Millis } from '../domain/time.ts';
import type { Place } from '../domain/workspace.ts';
import type { Ledger } from '../ledger.ts';
import type { TaskQueue } from '../task-queue.ts';

export interface EngineParts {
  ledger: Ledger;
  queue: TaskQueue;
  policies: ReadonlyMap<string, ServicePolicy>;
  /** Services that are released together; none when left out. */
  groups?: ReadonlyMap<string, GroupPolicy>;
  /** What the configuration says of times; no windows and no working hours when left out. */
  calendar?(service: string): Calendar;
  /** The installation's administrators, as bot.yaml names them. */
  admins?: People;
  /** Where what is about no single service is told. */
  adminPlace?: Place;
  /** The same of each further workspace: there too people hear what is decided for all services. */
  otherPlaces?: readonly Place[];
  /** The one-time code that was printed at start; without one nobody can claim Bakery. */
  claimCode?: string;
  /** Takes secrets that this process knows out of a text, before it is kept. */
  redact?(text: string): string;
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
