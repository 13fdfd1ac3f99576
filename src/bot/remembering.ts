import type { At, Millis } from '../pipeline/domain/time.ts';

/** An answer, and when it was asked for. */
export interface Remembered<Value> {
  value: Value;
  at: At;
}

const most = 5_000;

/**
 * Remembers answers, counted from when they were asked for; who asks says how old one may be. What failed is not
 * remembered, and leaves the older answer to those who take it. Many who ask at once share one call.
 */
export function remembering<Value>(now: () => At) {
  const known = new Map<string, Remembered<Promise<Value>>>();
  return async (key: string, oldest: Millis, ask: () => Promise<Value>): Promise<Remembered<Value>> => {
    const remembered = known.get(key);
    if (remembered !== undefined && remembered.at + oldest > now()) {
      return { value: await remembered.value, at: remembered.at };
    }
    const asked = { value: ask(), at: now() };
    if (known.size >= most) known.clear();
    known.set(key, asked);
    try {
      return { value: await asked.value, at: asked.at };
    } catch (error) {
      if (known.get(key) === asked) {
        if (remembered === undefined) known.delete(key);
        else known.set(key, remembered);
      }
      throw error;
    }
  };
}
