import { setTimeout as pause } from 'node:timers/promises';
import { canRetry } from '../../../src/pipeline/domain/fault.ts';
import { ProviderError, type Reply } from '../../../src/pipeline/provider.ts';
import { rigSays } from './account.ts';

/** What goes wrong with the next calls of an action: refused by a code, or done and never answered (`after`). */
interface Trouble {
  action: string;
  times: number;
  code?: string;
  message?: string;
  status?: number;
  after?: boolean;
  /** Only calls that have these parameters. */
  with?: [string, string][];
}

/** From now on this goes wrong, and nothing else. */
export const inTrouble = (...faults: Trouble[]) => rigSays('faults', faults);

/** Asks as the core does: again when it says so, and again after a fault that another attempt can mend. */
export async function persist<Value>(ask: () => Promise<Reply<Value>>): Promise<Value> {
  for (const end = Date.now() + 150_000; Date.now() < end; ) {
    try {
      const reply = await ask();
      if (reply.ready) return reply.value;
      await pause(Math.min(reply.again, 1_000));
    } catch (error) {
      if (!(error instanceof ProviderError) || !canRetry(error.fault)) throw error;
      await pause(500);
    }
  }
  throw new Error('it did not end in time');
}
