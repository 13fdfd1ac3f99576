import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Millis } from '../pipeline/domain/time.ts';
import type { QueueLog } from './log.ts';
import type { Timings } from './timings.ts';

const lookEvery = 10_000;

/** How far this machine's clock is ahead of the one that `read` asks, taking half of the way there off. */
export async function skewAgainst(read: () => Promise<Millis>): Promise<Millis> {
  const before = Date.now();
  const theirs = await read();
  return Math.round((before + Date.now()) / 2 - theirs);
}

interface Guarded {
  clockSkew(): Promise<Millis>;
  timings: Timings;
  log: QueueLog;
  name: string;
  /** How often to look, in milliseconds. */
  every?: Millis;
}

/**
 * Resolves when this machine's clock is near enough to the server's for a worker to take attempts: with a clock that
 * is wrong it would hold its locks too long, or take away those of others. Throws what asking the server threw.
 */
export async function clockIsRight(set: Guarded, signal: AbortSignal): Promise<void> {
  for (let waited = false; ; waited = true) {
    const skew = await set.clockSkew();
    if (isNear(skew, set)) {
      if (waited) set.log.info({ worker: set.name, skew }, 'clock is right again: attempts are taken');
      return;
    }
    if (!waited) {
      set.log.error(
        { worker: set.name, skew },
        'clock is too far from the queue server: no attempts are taken',
      );
    }
    await pause(set.every ?? lookEvery, undefined, { signal });
  }
}

/**
 * Lets a worker take no more once its clock has gone wrong; it ends when what it has begun has ended. Returns the end
 * of the watch.
 */
export function guardClock(worker: Pick<Worker, 'pause'>, set: Guarded): () => void {
  const look = async (): Promise<void> => {
    if (!isNear(await set.clockSkew(), set)) await worker.pause(true);
  };
  // When the server is away nothing is taken from it anyway.
  const timer = setInterval(() => void look().catch(() => {}), set.every ?? lookEvery);
  return () => clearInterval(timer);
}

const isNear = (skew: Millis, { timings }: Guarded): boolean => Math.abs(skew) <= timings.skew;
