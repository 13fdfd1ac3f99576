import type { Millis } from '../pipeline/domain/time.ts';

/** The queue could not be reached, or did not answer in time. Nothing is lost: what was asked is asked again by the sweep. */
export class QueueAway extends Error {
  override readonly name = 'QueueAway';
}

/** The embedded queue's directory cannot be used as it is, or is in use by another process. */
export class QueueDirectoryError extends Error {
  override readonly name = 'QueueDirectoryError';
}

/** How long answers get that lay unread while the loop was blocked. */
const unread = 200;

/** Whether the work settled within `ms` milliseconds of a loop that runs; a rejection counts as settled. */
export async function settles(work: Promise<unknown>, ms: Millis): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const due = performance.now() + ms;
  const late = new Promise<false>((resolve) => {
    const ring = () => {
      // After a blocked loop, timers ring before the answers that came meanwhile are read.
      if (performance.now() - due > unread) timer = setTimeout(resolve, unread, false);
      else resolve(false);
    };
    timer = setTimeout(ring, ms);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The work's result, or QueueAway with `sentence` when it takes longer than `ms` milliseconds. */
export async function within<T>(work: Promise<T>, ms: Millis, sentence: string): Promise<T> {
  if (!(await settles(work, ms))) throw new QueueAway(sentence);
  return work;
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
