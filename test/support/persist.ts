import { setTimeout as pause } from 'node:timers/promises';
import { canRetry } from '../../src/pipeline/domain/fault.ts';
import { ProviderError, type Reply } from '../../src/pipeline/provider.ts';

/** Asks as the core does: again when it says so, and again after a fault that another attempt can mend. */
export async function persist<Value>(ask: () => Promise<Reply<Value>>, patience = 150_000): Promise<Value> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    try {
      const reply = await ask();
      if (reply.ready) return reply.value;
      await pause(reply.again);
    } catch (error) {
      if (!(error instanceof ProviderError) || !canRetry(error.fault)) throw error;
      await pause(500);
    }
  }
  throw new Error('it did not end in time');
}
