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

/** Five posts in five seconds, and a little for the way to Slack. */
const burst = { posts: 5, window: 5_200 };

/**
 * chat.postMessage is allowed once a second in a channel, with short bursts. The last one of a burst is kept for cards
 * and for what needs somebody.
 */
export function createPostBudget(): {
  take(channel: string, now: At, urgent: boolean): boolean;
  /** How many quiet ones may be posted there at once now. */
  left(channel: string, now: At): number;
} {
  const taken = new Map<string, At[]>();
  const recent = (channel: string, now: At): At[] =>
    (taken.get(channel) ?? []).filter((at) => at > now - burst.window);
  return {
    left: (channel, now) => burst.posts - 1 - recent(channel, now).length,
    take(channel, now, urgent) {
      const before = recent(channel, now);
      if (before.length >= burst.posts - (urgent ? 0 : 1)) return false;
      taken.set(channel, [...before, now]);
      return true;
    },
  };
}

/** How long to wait before the next try: a second, doubled each time, at most a minute. */
export const backoff = (tries: number): number => Math.min(minute, 1000 * 2 ** Math.min(tries, 10));
