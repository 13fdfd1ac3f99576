import type { Timings } from '../../queue/timings.ts';
import type { Scene } from '../scene.ts';

/** What a process of a run is told. */
export interface PartSetting {
  name: string;
  /** The queue's URL, by way of this process's own cable. */
  queue: string;
  prefix: string;
  /** A database that the embedded queue begins with a copy of. */
  prepared?: string | undefined;
  folder: string;
  /** Where the faulty cloud answers. */
  cloud: string;
  scene: Scene;
  /** How many services the installation has: each schedule takes one of its own. */
  services: number;
  bot: boolean;
  worker: boolean;
}

/** Real seconds are dear: all that people configure takes this much less than in virtual time. */
export const haste = 10;

/** Locks are shorter than in production, by as much as a call of the cloud is; their order is the same. */
export const timings: Partial<Timings> = { lock: 2_000, renew: 500, stalled: 500, grace: 500, drain: 500 };

/** How long an answer of the cloud is waited for. */
export const callTime = 500;
