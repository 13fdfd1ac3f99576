import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { childEntry } from '../../child-entry.ts';

export interface Outcome {
  seed: number;
  failed: boolean;
  ms: number;
  virtualMs: number;
}

/** Runs many seeds, on as many processors as there are. `ended` is told of each; ends early when it says so. */
export async function runMany(
  seeds: { from: number; runs: number },
  ended: (outcome: Outcome) => 'go on' | 'stop',
): Promise<void> {
  const entry = childEntry(import.meta.url, './thread.js');
  const { from, runs } = seeds;
  let next = from;
  let stopped = false;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(entry);
      const give = (): void => {
        if (stopped || next >= from + runs) worker.terminate().then(() => resolve(), reject);
        else worker.postMessage(next++);
      };
      worker.on('message', (outcome: Outcome) => {
        if (ended(outcome) === 'stop') stopped = true;
        give();
      });
      worker.on('error', reject);
      give();
    });
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), runs) }, one));
}
