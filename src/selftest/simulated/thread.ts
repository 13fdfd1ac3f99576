import { parentPort } from 'node:worker_threads';
import type { Outcome } from './many.ts';
import { runSeed } from './seeds.ts';

// A thread of `runMany`: it is given one seed after the other.
parentPort?.on('message', async (seed: number) => {
  const began = performance.now();
  const { breaches, virtualMs } = await runSeed(seed);
  const outcome: Outcome = { seed, failed: breaches.length > 0, ms: performance.now() - began, virtualMs };
  parentPort?.postMessage(outcome);
});
