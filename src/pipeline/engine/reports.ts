import type { At, Millis } from '../domain/time.ts';
import type { Ended } from '../task-queue.ts';

/** More than that come at once only after a long stop, and then one look finds them all. */
const most = 2_000;
const lookEvery: Millis = 1_000;

/**
 * What the queue told of attempts that ended, until it is recorded. That can be missed, so every second all of the queue
 * is looked through as well; in between, what was told spares the way there.
 */
export class Reports {
  readonly #told = new Map<string, Ended>();
  readonly #now: () => At;
  #lookedAt: At | undefined;

  constructor(now: () => At) {
    this.#now = now;
  }

  tell(ended: Ended): void {
    if (this.#told.size < most) this.#told.set(ended.id, ended);
    else this.mustLook();
  }

  /** Something ended of which nothing was told. */
  mustLook(): void {
    this.#lookedAt = undefined;
  }

  /** What was told since the last call; undefined when it is time to look, which is counted as done. */
  take(): Ended[] | undefined {
    const told = [...this.#told.values()];
    this.#told.clear();
    if (told.length > 0 && !this.#isDue()) return told;
    this.#lookedAt = this.#now();
    return undefined;
  }

  #isDue(): boolean {
    if (this.#lookedAt === undefined) return true;
    const since = this.#now() - this.#lookedAt;
    // A clock that was set back says nothing.
    return since >= lookEvery || since < 0;
  }
}
