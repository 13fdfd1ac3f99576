/** Remembers which deliveries arrived, so that a redelivery does nothing twice. */
export interface Deliveries {
  /** True the first time it is asked for this delivery of this source, false ever after. */
  firstTime(source: string, id: string): Promise<boolean>;
}

/** Deliveries in memory: the last `limit` of them. What was forgotten is still found done, by its commit. */
export function deliveriesInMemory(limit = 10_000): Deliveries {
  const seen = new Set<string>();
  return {
    async firstTime(source, id) {
      const key = `${source}\n${id}`;
      if (seen.has(key)) return false;
      seen.add(key);
      // A set keeps the order of adding: the first is the oldest.
      if (seen.size > limit) for (const oldest of [...seen].slice(0, seen.size - limit)) seen.delete(oldest);
      return true;
    },
  };
}
