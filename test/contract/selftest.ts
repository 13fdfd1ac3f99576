import { describe, expect, test } from 'vitest';
import { selftest } from '../../src/selftest/index.ts';

/** As many as fit into CI; `bakery selftest --mode processes` runs as many as anybody likes. */
const runs = 30;

/** Thirty schedules of faults on one queue: the seeds are fixed, so that CI repeats itself. */
export function selftestOn(kind: string, queue: string): void {
  describe(`the selftest with processes on the ${kind} queue`, () => {
    test('ends every schedule with everything as it should be, whoever was killed, stopped or cut off', async () => {
      const lines: string[] = [];
      const options = { runs, seed: 1, mode: 'processes' as const, queue, verbose: false };
      const code = await selftest(options, (line) => lines.push(line));
      console.log(lines.at(-1));
      expect(code, lines.join('\n')).toBe(0);
    }, 600_000);
  });
}
