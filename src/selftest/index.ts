import type { SelftestOptions } from './options.ts';
import { processRuns } from './processes/report.ts';
import { simulatedRuns } from './simulated/report.ts';

/** Runs the selftest and tells what came of it, line by line. Resolves to the exit code. */
export async function selftest(options: SelftestOptions, print: (line: string) => void): Promise<0 | 1> {
  return options.mode === 'simulated' ? simulatedRuns(options, print) : processRuns(options, print);
}
