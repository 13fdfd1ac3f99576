import type { At } from '../../pipeline/domain/time.ts';

const minute = 60_000;

/**
 * chat.update is allowed about 50 times a minute in a whole workspace: 45 are used, and 10 of them are kept for what
 * is final or needs a person.
 */
export function createEditBudget(perMinute = 45, reserve = 10): { take(now: At, urgent: boolean): boolean } {
  const taken: At[] = [];
  return {
    take(now, urgent) {
      while (taken[0] !== undefined && taken[0] <= now - minute) taken.shift();
      if (taken.length >= (urgent ? perMinute : perMinute - reserve)) return false;
      taken.push(now);
      return true;
    },
  };
}

/** chat.postMessage is allowed once a second in a channel, with short bursts. */
export function createPostBudget(burst = 4): { take(channel: string, now: At): boolean } {
  const buckets = new Map<string, { left: number; at: At }>();
  return {
    take(channel, now) {
      const bucket = buckets.get(channel) ?? { left: burst, at: now };
      const left = Math.min(burst, bucket.left + Math.max(0, now - bucket.at) / 1000);
      buckets.set(channel, { left: left >= 1 ? left - 1 : left, at: now });
      return left >= 1;
    },
  };
}

/** How long to wait before the next try: a second, doubled each time, at most a minute. */
export const backoff = (tries: number): number => Math.min(minute, 1000 * 2 ** Math.min(tries, 10));
