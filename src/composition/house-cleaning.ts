import type { Logger } from 'pino';
import type { Millis } from '../pipeline/domain/time.ts';

const hour: Millis = 3_600_000;

interface Chore {
  /** What is cleaned, as the log says it. */
  what: string;
  /** Resolves to how many were removed. */
  clean(): Promise<number>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Does a chore soon after the start and every six hours; one that fails costs a line in the log. Returns how to stop. */
export function keepClean({ what, clean, log }: Chore): () => void {
  const go = async (): Promise<void> => {
    try {
      const removed = await clean();
      if (removed > 0) log.info({ what, removed }, 'what nobody uses any more was removed');
    } catch (error) {
      log.warn({ err: error, what }, 'it could not be cleaned; it is tried again later');
    }
  };
  const first = setTimeout(go, hour / 60);
  const timer = setInterval(go, 6 * hour);
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
