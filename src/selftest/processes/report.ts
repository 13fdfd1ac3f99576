import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDatabase } from '../../queue/embedded/database.ts';
import { emptyQueue } from '../../queue/empty.ts';
import { tellStep } from '../history.ts';
import type { SelftestOptions } from '../options.ts';
import { serviceNamed } from '../scene.ts';
import { Installation } from './installation.ts';
import { runSchedule, type ScheduleReport, scene, stepsOf } from './schedule.ts';

type Options = Pick<SelftestOptions, 'runs' | 'seed' | 'queue' | 'verbose' | 'atOnce'>;

/** Installations at once when nobody says how many: while one waits for a lease to run out, another works. */
const usualLanes = Math.max(3, 2 * availableParallelism());

/** `bakery selftest --mode processes`. */
export async function processRuns(options: Options, print: (line: string) => void): Promise<0 | 1> {
  const { runs, seed, queue, verbose, atOnce: lanes = usualLanes } = options;
  const began = performance.now();
  const reports: ScheduleReport[] = [];
  const prepared = queue === 'embedded' ? await prepare() : undefined;
  let next = seed;
  const lane = async (): Promise<void> => {
    const on = await Installation.start({ queue, prepared, services: runs }, scene);
    try {
      while (next < seed + runs) {
        const mine = next++;
        const report = await runSchedule(on, mine, serviceNamed(mine - seed), emptyQueue);
        reports.push(report);
        if (verbose || report.breaches.length > 0) tell(report, queue, print);
        // What a failure left behind would be the next one's.
        if (report.breaches.length > 0) return;
      }
    } finally {
      await on.close();
    }
  };
  while (next < seed + runs && reports.filter(({ breaches }) => breaches.length > 0).length < 3) {
    await Promise.all(Array.from({ length: Math.min(lanes, seed + runs - next) }, lane));
  }
  if (prepared !== undefined) await rm(prepared, { recursive: true, force: true });
  const failed = reports.filter(({ breaches }) => breaches.length > 0);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const slowest = (Math.max(...reports.map(({ ms }) => ms)) / 1_000).toFixed(1);
  print(
    `${reports.length} schedules with processes on ${kindOf(queue)} (from seed ${seed}) in ${seconds} s, the slowest ${slowest} s: ${failed.length === 0 ? 'all pass' : `${failed.length} fail`}.`,
  );
  return failed.length === 0 ? 0 : 1;
}

/** Makes the embedded queue's database once: it costs more than all else that a schedule does, and starts with every loss. */
async function prepare(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bakery-selftest-queue-'));
  await prepareDatabase(folder);
  return folder;
}

function tell(
  { seed, breaches, told, tale }: ScheduleReport,
  queue: string,
  print: (line: string) => void,
): void {
  print(`Seed ${seed}, its schedule:`);
  for (const step of stepsOf(seed)) print(`  ${tellStep(step)}`);
  for (const line of told) print(line);
  for (const line of tale) print(`  ledger: ${line}`);
  for (const breach of breaches) print(`  ✗ ${breach}`);
  if (breaches.length > 0)
    print(`Again: bakery selftest --mode processes --queue ${kindOf(queue)} --seed ${seed} --runs 1`);
}

/** Without the password that a URL may hold. */
const kindOf = (queue: string): string => (queue === 'embedded' ? queue : `${new URL(queue).protocol}//…`);
