import { type Step, tellStep } from '../history.ts';
import { shrink } from '../shrink.ts';
import { type RunReport, simulate, simulationOf } from './run.ts';

/** One seed that failed, as short as it gets. */
export interface Failed {
  seed: number;
  /** Which of the seed's steps are needed, by number. */
  kept: number[];
  report: RunReport;
}

/** Runs the steps of one seed, or only those with these numbers. */
export async function runSeed(seed: number, kept?: readonly number[]): Promise<RunReport> {
  const { scene, steps } = simulationOf(seed);
  return simulate(seed, scene, kept === undefined ? steps : stepsOf(steps, kept));
}

/** Leaves out of a failing seed's steps whatever is not needed for it to fail in the same way. */
export async function shrinkSeed(seed: number, found: RunReport, same = failsLike(found)): Promise<Failed> {
  const { scene, steps } = simulationOf(seed);
  const fails = async (part: readonly number[]): Promise<boolean> =>
    same(await simulate(seed, scene, stepsOf(steps, part)));
  const kept = [...(await shrink([...steps.keys()], fails))];
  return { seed, kept, report: await runSeed(seed, kept) };
}

/** For people: the shortest history, what came of it, and how to see it again. */
export function tellFailed({ seed, kept, report }: Failed): string {
  const steps = stepsOf(simulationOf(seed).steps, kept).map(tellStep);
  return [
    `Seed ${seed} fails. The shortest history that still does (${steps.length} steps):`,
    ...steps.map((line) => `  ${line}`),
    ...report.breaches.map((breach) => `  ✗ ${breach}`),
    `Again: bakery selftest --seed ${seed} --steps ${kept.join(',')} --verbose`,
  ].join('\n');
}

/** The steps with these numbers, each as late as it was. */
function stepsOf(steps: readonly Step[], kept: readonly number[]): Step[] {
  let waited = 0;
  return steps.flatMap((step, number) => {
    waited += step.after;
    if (!kept.includes(number)) return [];
    const after = waited;
    waited = 0;
    return [{ ...step, after }];
  });
}

/** Breaks one of the invariants that the other broke: shrinking must not wander from one to another. */
function failsLike(found: RunReport): (report: RunReport) => boolean {
  const wanted = kindsOf(found);
  return (report) => kindsOf(report).some((kind) => wanted.includes(kind));
}

const kindsOf = ({ breaches }: RunReport): string[] =>
  breaches.map((breach) => breach.split(':')[0] ?? breach);
