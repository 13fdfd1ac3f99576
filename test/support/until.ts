import { setTimeout as pause } from 'node:timers/promises';

/** Looks every 20 ms until there is a value that is not undefined or false; throws after `within` ms. */
export const until = async <Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  within = 10_000,
): Promise<Value> => {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`waited ${within} ms in vain until ${what}`);
    await pause(20);
  }
};
