import type { Millis } from '../pipeline/domain/time.ts';

/** All times of the queue in one place, in milliseconds. The same on every backend. */
export interface Timings {
  /** How long a worker's right to an attempt lasts without renewal. */
  lock: Millis;
  /** How often locks are renewed; also how soon a worker learns of a cancel. */
  renew: Millis;
  /** How often attempts of lost workers are looked for. */
  stalled: Millis;
  /** How long a call of the coordinator may take. */
  call: Millis;
  /** How long a handler may take to return after its attempt was aborted. */
  grace: Millis;
  /** How long a closing worker waits for running attempts before it aborts them. */
  drain: Millis;
  /** How far a worker's clock may be from the server's where the workers' clocks count (PostgreSQL). */
  skew: Millis;
}

/** A killed worker's attempt goes on elsewhere within lock + 2 × stalled = 14 s. */
export const standardTimings: Timings = {
  lock: 8_000,
  renew: 3_000,
  stalled: 3_000,
  call: 2_000,
  grace: 5_000,
  drain: 10_000,
  skew: 1_000,
};
