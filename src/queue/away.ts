import type { Millis } from '../pipeline/domain/time.ts';

/** The queue could not be reached, or did not answer in time. Nothing is lost: what was asked is asked again by the sweep. */
export class QueueAway extends Error {
  override readonly name = 'QueueAway';
}

/** The embedded queue's directory cannot be used as it is, or is in use by another process. */
export class QueueDirectoryError extends Error {
  override readonly name = 'QueueDirectoryError';
}

/** Whether the work settled within `ms` milliseconds; a rejection counts as settled. The timer holds no process. */
export async function settles(work: Promise<unknown>, ms: Millis): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
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
