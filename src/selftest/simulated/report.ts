import { tellStep } from '../history.ts';
import type { SelftestOptions } from '../options.ts';
import { runMany } from './many.ts';
import { simulationOf } from './run.ts';
import { runSeed, shrinkSeed, tellFailed } from './seeds.ts';

/** How many failing seeds are shrunk and told before it stops. */
const mostFailures = 3;

type Options = Pick<SelftestOptions, 'runs' | 'seed' | 'steps' | 'verbose'>;

/** `bakery selftest --mode simulated`. */
export async function simulatedRuns(options: Options, print: (line: string) => void): Promise<0 | 1> {
  return options.steps !== undefined || options.verbose ? one(options, print) : many(options, print);
}

async function one({ seed, steps }: Options, print: (line: string) => void): Promise<0 | 1> {
  for (const [number, step] of simulationOf(seed).steps.entries())
    if (steps?.includes(number) ?? true) print(`${number}  ${tellStep(step)}`);
  const { told, breaches } = await runSeed(seed, steps);
  for (const line of told) print(line);
  for (const breach of breaches) print(`✗ ${breach}`);
  print(breaches.length === 0 ? `Seed ${seed} passes.` : `Seed ${seed} fails.`);
  return breaches.length === 0 ? 0 : 1;
}

async function many({ runs, seed }: Options, print: (line: string) => void): Promise<0 | 1> {
  const began = performance.now();
  const failed: number[] = [];
  let [done, virtual, slowest] = [0, 0, 0];
  await runMany({ from: seed, runs }, (outcome) => {
    done += 1;
    virtual += outcome.virtualMs;
    slowest = Math.max(slowest, outcome.ms);
    if (outcome.failed) failed.push(outcome.seed);
    return failed.length >= mostFailures ? 'stop' : 'go on';
  });
  for (const number of failed) print(tellFailed(await shrinkSeed(number, await runSeed(number))));
  const seconds = (performance.now() - began) / 1_000;
  const hours = (virtual / 3_600_000).toFixed(1);
  print(
    `${done} simulated runs (seeds ${seed} to ${seed + done - 1}), ${hours} virtual hours, in ${seconds.toFixed(1)} s, the slowest ${slowest.toFixed(0)} ms: ${failed.length === 0 ? 'all pass' : `${failed.length} fail`}.`,
  );
  return failed.length === 0 ? 0 : 1;
}
