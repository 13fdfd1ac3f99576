import type { Millis } from '../../pipeline/domain/time.ts';
import type { CloudRequest } from './request.ts';

/** What may befall one request on its way. */
export type Mishap =
  /** It acts, and nobody hears of it. */
  | 'reply lost'
  /** It never arrives. */
  | 'request lost'
  /** It arrives after its caller has given up, and acts all the same. */
  | 'late'
  | 'refused as busy'
  /** Its caller is killed with -9 before it acts. */
  | 'caller killed before'
  /** It acts, and its caller is killed before it hears. */
  | 'caller killed after'
  /** Its caller is stopped while it acts, for longer than its lease. */
  | 'caller frozen';

export const mishaps = [
  'reply lost',
  'request lost',
  'late',
  'refused as busy',
  'caller killed before',
  'caller killed after',
  'caller frozen',
] as const satisfies readonly Mishap[];

/** The n-th request of a kind from now on meets with a mishap. */
export interface Trouble {
  call: CloudRequest['do'];
  nth: number;
  how: Mishap;
  ms: Millis;
}

/** Counts requests and says which one meets with what. */
export class Troubles {
  #open: Trouble[] = [];

  add(trouble: Trouble): void {
    this.#open.push({ ...trouble });
  }

  clear(): void {
    this.#open = [];
  }

  /** Every request is told to it once. */
  meets(request: CloudRequest): Trouble | undefined {
    let met: Trouble | undefined;
    for (const trouble of this.#open) {
      if (trouble.call !== request.do) continue;
      trouble.nth -= 1;
      if (trouble.nth <= 0 && met === undefined) met = trouble;
    }
    if (met !== undefined) this.#open = this.#open.filter((trouble) => trouble !== met);
    return met;
  }
}
