import { SlackRefusal } from '../errors.ts';

/** Slack's tiers, and `channel`: one message a second into each channel. */
export type Tier = 1 | 2 | 3 | 4 | 'channel' | 'none';

const PER_MINUTE: Readonly<Record<1 | 2 | 3 | 4, number>> = { 1: 1, 2: 20, 3: 50, 4: 100 };
const MINUTE_MS = 60_000;
const CHANNEL_WINDOW_MS = 5000;
const CHANNEL_BURST = 5;

/** Counts calls per method in the whole workspace and refuses those over the tier. */
export class RateLimits {
  readonly #calls = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Counts one call.
   * @throws SlackRefusal `ratelimited` with `retryAfter` in whole seconds.
   */
  count(method: string, tier: Tier, channel: string): void {
    if (tier === 'none') return;
    const window = tier === 'channel' ? CHANNEL_WINDOW_MS : MINUTE_MS;
    const limit = tier === 'channel' ? CHANNEL_BURST : PER_MINUTE[tier];
    const key = tier === 'channel' ? `${method} ${channel}` : method;
    const now = this.#now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - window);
    const oldest = recent[0];
    if (oldest !== undefined && recent.length >= limit) {
      throw new SlackRefusal('ratelimited', {
        retryAfter: Math.max(1, Math.ceil((oldest + window - now) / 1000)),
      });
    }
    this.#calls.set(key, [...recent, now]);
  }
}
