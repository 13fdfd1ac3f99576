import type { At, Millis } from '../pipeline/domain/time.ts';

export interface Seen {
  /** Whether it was seen before; from now on it was. */
  again(key: string, now: At): boolean;
  /** Whether it was seen before, and nothing else. */
  has(key: string, now: At): boolean;
}

/** Remembers keys for a while, to tell what comes a second time. At most `most` of them. */
export function createSeen(keep: Millis, most = 50_000): Seen {
  const until = new Map<string, At>();
  return {
    has: (key, now) => (until.get(key) ?? 0) > now,
    again(key, now) {
      for (const [old, end] of until) {
        if (end > now && until.size < most) break;
        until.delete(old);
      }
      const known = until.get(key);
      if (known !== undefined && known > now) return true;
      until.delete(key);
      until.set(key, now + keep);
      return false;
    },
  };
}
