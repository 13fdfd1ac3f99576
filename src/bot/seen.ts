import type { At, Millis } from '../pipeline/domain/time.ts';

/** Remembers keys for a while, to tell what comes a second time. At most `most` of them. */
export function createSeen(keep: Millis, most = 50_000): { again(key: string, now: At): boolean } {
  const until = new Map<string, At>();
  return {
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
