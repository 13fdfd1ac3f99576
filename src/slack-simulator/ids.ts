import { randomInt, randomUUID } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An id that looks like Slack's: a letter and ten capitals or digits. */
export function slackId(prefix: string): string {
  return `${prefix}0${Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}

/** Five characters, as Slack fills in for a block or an action that has no id. */
export function shortId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 5);
}

/** Gives timestamps that only grow, also within one millisecond and over a restart. */
export class TsClock {
  #last = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new timestamp like `1732432861.000200`. */
  next(): string {
    this.#last = Math.max(this.#now() * 1000, this.#last + 100);
    const seconds = Math.floor(this.#last / 1_000_000);
    return `${seconds}.${String(this.#last % 1_000_000).padStart(6, '0')}`;
  }

  /** Makes every later timestamp greater than this one. */
  moveBeyond(ts: string): void {
    const [seconds = '0', micros = '0'] = ts.split('.');
    this.#last = Math.max(this.#last, Number(seconds) * 1_000_000 + Number(micros));
  }
}
