import type { At } from '../../pipeline/domain/time.ts';

const minute = 60_000;

/**
 * Of the 50 edits a minute that Slack takes in a whole workspace. The more of them progress uses, the younger all cards
 * are when ten at once are urgent: fifty cards take 61 seconds, ten urgent ones 12.
 */
const edits = {
  /** In any minute, for what is final, clicked or needs a person. */
  urgent: 50,
  /** In any minute, all together, before progress may add one. */
  progress: 49,
  /** Progress is spread evenly, so that what is urgent finds the next room within little more than a second. */
  perMinute: 49,
  burst: 3,
};

export interface EditBudget {
  take(now: At, urgent: boolean): boolean;
  /** Slack answered a call that was begun then: it counted it at a moment between the two. */
  answered(begun: At | undefined, now: At): void;
  /** Whether progress could be shown now: without it there is no use in drawing. */
  hasRoom(now: At): boolean;
}

/** chat.update is allowed about 50 times a minute in a whole workspace. */
export function createEditBudget({ urgent, progress, perMinute, burst } = edits): EditBudget {
  const taken: At[] = [];
  let tokens = burst;
  let filledAt: At | undefined;

  function look(now: At): void {
    while (taken[0] !== undefined && taken[0] <= now - minute) taken.shift();
    tokens = Math.min(burst, tokens + (Math.max(0, now - (filledAt ?? now)) * perMinute) / minute);
    filledAt = Math.max(now, filledAt ?? now);
  }

  return {
    answered(begun, now) {
      const place = begun === undefined ? -1 : taken.indexOf(begun);
      if (place === -1) return;
      taken.splice(place, 1);
      taken.push(now);
    },
    hasRoom(now) {
      look(now);
      return tokens >= 1 && taken.length < progress;
    },
    take(now, isUrgent) {
      look(now);
      if (isUrgent ? taken.length >= urgent : tokens < 1 || taken.length >= progress) return false;
      if (!isUrgent) tokens -= 1;
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
