import type { Serving } from './deployment.ts';
import type { Lock } from './lock.ts';
import type { DatabaseFloor } from './migration.ts';
import type { At, Digest } from './time.ts';

/** A script that brings a version back when Bakery itself is broken. */
export interface Rescue {
  version: number;
  /** The deployment that was live when it was written. */
  deployment: string;
  /** In the store. */
  script: Digest;
  /** The marks of what it starts: the ledger takes them over, the reaper spares them. */
  made: { effect: string; generation: number }[];
}

/** A service in an environment: what is live there and who may change it. */
export interface Slot {
  service: string;
  environment: string;
  /** Deployments asked for so far: numbers the next one. */
  deployments: number;
  /** Grows with each lease, never shrinks. */
  epoch: number;
  /** The deployment that may change the slot now. What waits for a person holds none. */
  lease?: { deployment: string; epoch: number };
  live?: Serving;
  /** The release that was live before and still runs. */
  beside?: Serving;
  rescue?: Rescue;
  /** What a script started while Bakery was away, until a rollback has taken it over. */
  rescued?: Serving;
  /** Repairs of late: how many, when the last one was, and whether a person has to say how it goes on. */
  repairs?: { count: number; at: At; stopped: boolean };
  /** A person keeps new releases out, with a reason and an end. */
  lock?: Lock;
  /** What was done to its database since: the oldest version that works with it, and whose migration says so. */
  floor?: DatabaseFloor;
  /** Ids of the deployments that are not over. */
  open: string[];
}
