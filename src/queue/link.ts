import type { BackendFactory, IQueueBackend } from 'bullmq';
import type { Millis } from '../pipeline/domain/time.ts';

/** What BullMQ is given to reach one server: a backend of its own making and the connection that this one takes. */
export interface Reach {
  factory: BackendFactory<IQueueBackend, unknown>;
  connection: unknown;
}

/** One server that carries the queue. All that differs between Redis, PostgreSQL and PGlite is behind this. */
export interface Link {
  readonly kind: 'redis' | 'postgres' | 'embedded';
  /** For the coordinator: answers or fails at once, never waits for the server to come back. */
  readonly caller: Reach;
  /** For workers and event readers: waits for the server and reconnects by itself. */
  readonly waiter: Reach;
  /** BullMQ's key prefix, where there are keys. */
  readonly prefix: string;
  /** Resolves when the server can be asked; throws QueueAway with a sentence when it is away. */
  reachable(): Promise<void>;
  /** The server's clock, in milliseconds since the epoch. Throws when it is away. */
  serverTime(): Promise<Millis>;
  /** Whether the workers' own clocks decide when a lock runs out. */
  readonly workersClocksCount: boolean;
  /** Called with the number of blocking readers that there are now. */
  readers(count: number): void;
  close(): Promise<void>;
}
