import { setTimeout as onThisMachine } from 'node:timers/promises';
import type { Millis } from './domain/time.ts';

/** A pause is a quarter of the time that was waited, within these. */
const shortest: Millis = 5;
const longest: Millis = 15;

interface Patience {
  /** How long to go on looking; an eighth of a second unless told. */
  within?: Millis;
  pause?(ms: Millis): Promise<unknown>;
}

/**
 * Looks again and again for a short time, until `look` gives something. What is nearly there is worth waiting for, since
 * the way through the queue and back takes longer; what is not must not hold a worker.
 */
export async function shortly<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal,
  { within = 120, pause = onThisMachine }: Patience = {},
): Promise<T | undefined> {
  const began = performance.now();
  // Where one look takes as long as all of them should, it is the only one.
  const isOver = () => pause === onThisMachine && performance.now() - began > within;
  for (let waited = 0; ; ) {
    const seen = await look();
    const next = Math.min(longest, Math.max(shortest, Math.round(waited / 4)));
    if (seen !== undefined || waited + next > within || signal.aborted || isOver()) return seen;
    await pause(next);
    waited += next;
  }
}

/**
 * How long a launch looks for what it started this long ago to be healthy. Most services are within a second, and then
 * nobody waits for another attempt; one that takes longer holds no worker.
 */
export const patienceOfLaunch = (elapsed: Millis): Patience => (elapsed < 2_000 ? { within: 1_000 } : {});
