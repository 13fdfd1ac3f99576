import { setTimeout as pause } from 'node:timers/promises';
import type { Call, Reply } from '../../src/pipeline/provider.ts';

/** A call that is allowed everything and collects its log. */
export const freeCall = (over: Partial<Call> = {}): Call => ({
  signal: new AbortController().signal,
  ensureTime: () => {},
  log: () => {},
  ...over,
});

/** Asks until it is ready, as often as it says, as a coordinator does: nothing known is handed on. */
export const settle = async <Value>(
  ask: () => Promise<Reply<Value>>,
  wait: (ms: number) => void | Promise<void> = (ms) => pause(ms),
): Promise<Value> => {
  for (let looks = 0; looks < 400; looks++) {
    const reply = await ask();
    if (reply.ready) return reply.value;
    await wait(reply.again);
  }
  throw new Error('looked 400 times and it is still not ready');
};
