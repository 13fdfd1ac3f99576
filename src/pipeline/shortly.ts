import { setTimeout as onThisMachine } from 'node:timers/promises';

const looks = 8;
const between = 15;

/**
 * Looks a few times within an eighth of a second, until `look` gives something. What is nearly there is worth waiting
 * for, since the way through the queue and back takes longer; what is not must not hold a worker.
 */
export async function shortly<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal,
  pause: (ms: number) => Promise<unknown> = onThisMachine,
): Promise<T | undefined> {
  const began = performance.now();
  // Where one look takes as long as all of them should, it is the only one.
  const isOver = () => pause === onThisMachine && performance.now() - began > looks * between;
  for (let count = 1; ; count++) {
    const seen = await look();
    if (seen !== undefined || count === looks || signal.aborted || isOver()) return seen;
    await pause(between);
  }
}
