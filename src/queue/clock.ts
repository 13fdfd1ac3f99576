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
}

/**
 * Keeps a worker from taking attempts while its clock is too far from the server's: it would hold its locks too
 * long or take away those of others. Returns the end of it.
 */
export function guardClock(worker: Pick<Worker, 'pause' | 'resume' | 'isPaused'>, set: Guarded): () => void {
  const look = async (): Promise<void> => {
    const skew = await set.clockSkew();
    if (Math.abs(skew) > set.timings.skew && !worker.isPaused()) {
      set.log.error(
        { worker: set.name, skew },
        'clock is too far from the queue server: no attempts are taken',
      );
      await worker.pause(true);
    } else if (Math.abs(skew) <= set.timings.skew && worker.isPaused()) {
      set.log.info({ worker: set.name, skew }, 'clock is right again: attempts are taken');
      await worker.resume();
    }
  };
  const tick = () => void look().catch(() => {}); // the server is away: nothing is taken from it anyway
  tick();
  const timer = setInterval(tick, lookEvery);
  return () => clearInterval(timer);
}
