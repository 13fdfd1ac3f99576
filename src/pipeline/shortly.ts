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
  for (let count = 1; ; count++) {
    const seen = await look();
    if (seen !== undefined || count === looks || signal.aborted) return seen;
    await pause(between);
  }
}
