import type { At, Millis } from '../../pipeline/domain/time.ts';
import type { Random } from '../random.ts';

interface Planned {
  at: At;
  /** Among those of one moment, chance says who comes first. */
  turn: number;
  run(): void;
}

/** Virtual time: things happen one after the other, each in full before the next, in an order that chance chooses. */
export class Timeline {
  now: At;
  readonly #random: Random;
  readonly #planned: Planned[] = [];

  constructor(random: Random, start: At) {
    this.#random = random;
    this.now = start;
  }

  /** Plans something; at the earliest now. */
  at(at: At, run: () => void): void {
    push(this.#planned, { at: Math.max(at, this.now), turn: this.#random.next(), run });
  }

  after(ms: Millis, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /** Lets everything happen that is planned up to this moment, and all that follows from it. */
  async runUntil(end: At): Promise<void> {
    await quiet();
    for (;;) {
      const next = this.#planned[0];
      if (next === undefined || next.at > end) break;
      pop(this.#planned);
      this.now = next.at;
      next.run();
      await quiet();
    }
    this.now = Math.max(this.now, end);
  }
}

/**
 * Waits until all that was set going has come to rest: promises, immediates and the file system. Timers of the machine
 * do not count; whoever takes part in a simulation has virtual ones.
 */
async function quiet(): Promise<void> {
  do await new Promise<void>((resolve) => setImmediate(resolve));
  while (process.getActiveResourcesInfo().some((name) => isWork(name)));
}

const isWork = (name: string): boolean =>
  name === 'Immediate' || name.startsWith('FSReq') || name === 'CloseReq' || name === 'FileHandleCloseReq';

const before = (one: Planned, other: Planned): boolean =>
  one.at < other.at || (one.at === other.at && one.turn < other.turn);

/** A binary heap: many thousands of things are planned in one run. */
function push(heap: Planned[], planned: Planned): void {
  heap.push(planned);
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(planned, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = planned;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    let lower = heap[child];
    if (lower === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, lower)) {
      child += 1;
      lower = right;
    }
    if (!before(lower, last)) break;
    heap[index] = lower;
    index = child;
  }
  heap[index] = last;
}
