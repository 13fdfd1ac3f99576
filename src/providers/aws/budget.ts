import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';

/** How many calls a second all workers together make of one account in one region, and how many workers there are. */
export interface Share {
  callsPerSecond: number;
  workers(): number;
}

/** A clock that never goes back, and waiting by it; for tests to replace. */
export interface Means {
  now(): Millis;
  pause(ms: Millis, signal: AbortSignal): Promise<unknown>;
}
const onThisMachine: Means = {
  now: () => performance.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** A call that would wait longer is not made: its task looks again. */
const longest: Millis = 8_000;

/**
 * One worker's part of the calls that all may make: a bucket that fills by the budget, divided by the workers there
 * are, and holds what comes in a second. AWS counts calls by account and region, whoever makes them ("Request throttling
 * for the Amazon EC2 API"): so does the budget, and what one worker does not use another does not get.
 */
export class Budget {
  readonly #share: Share;
  readonly #means: Means;
  #left: number;
  #asOf: Millis;

  constructor(share: Share, means: Means = onThisMachine) {
    this.#share = share;
    this.#means = means;
    this.#left = this.#holds();
    this.#asOf = means.now();
  }

  /** Resolves when one call may be made. Throws `busy` when that would take too long, and `aborted`. */
  async take({ signal }: Pick<Call, 'signal'>): Promise<void> {
    const now = this.#means.now();
    this.#left = Math.min(this.#holds(), this.#left + ((now - this.#asOf) / 1_000) * this.#rate());
    this.#asOf = now;
    const wait = this.#left >= 1 ? 0 : ((1 - this.#left) / this.#rate()) * 1_000;
    if (wait > longest)
      throw new ProviderError(
        'busy',
        `The calls that this worker may make of AWS are used up for ${Math.ceil(wait / 1_000)} s. What runs was left as it is; Bakery tries again. If that is so for long, raise callsPerSecond in bot.yaml.`,
      );
    // Taken before it is there, so that whoever comes next waits behind this one.
    this.#left -= 1;
    if (wait === 0) return;
    try {
      await this.#means.pause(wait, signal);
    } catch (cause) {
      this.#left += 1;
      throw new ProviderError('aborted', 'Waiting for a call to AWS was cancelled.', { cause });
    }
  }

  #rate(): number {
    return this.#share.callsPerSecond / Math.max(1, this.#share.workers());
  }

  #holds(): number {
    return Math.max(1, this.#rate());
  }
}

const budgets = new Map<string, Budget>();

/** The budget of what AWS counts as one: all of a process that name it share it, and its newest share counts. */
export function budgetOf(
  place: { region: string; role?: string | undefined },
  api: 'ec2' | 'elb',
  share: Share | undefined,
): Budget | undefined {
  if (share === undefined) return undefined;
  const key = `${api} ${place.role ?? ''} ${place.region} ${share.callsPerSecond}`;
  const known = budgets.get(key) ?? new Budget(share);
  budgets.set(key, known);
  return known;
}
