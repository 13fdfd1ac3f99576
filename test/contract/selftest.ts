import { describe, expect, test } from 'vitest';
import { selftest } from '../../src/selftest/index.ts';

/**
 * As many as fit into CI; `bakery selftest --mode processes` runs as many as anybody likes. The embedded queue opens its
 * database anew after each kill, and PostgreSQL's server is the slower one.
 */
const schedules = { redis: 30, postgres: 10, embedded: 5 };

/** Schedules of faults on one queue: the seeds are fixed, so that CI repeats itself. */
export function selftestOn(kind: keyof typeof schedules, queue: string): void {
  describe(`the selftest with processes on the ${kind} queue`, () => {
    test('ends every schedule with everything as it should be, whoever was killed, stopped or cut off', async () => {
      const lines: string[] = [];
      const options = { runs: schedules[kind], seed: 1, mode: 'processes' as const, queue, verbose: false };
      const code = await selftest(options, (line) => lines.push(line));
      // All of it when it fails: the next go may pass, and then nobody would know which invariant was broken, and how.
      console.log((code === 0 ? lines.slice(-1) : lines).join('\n'));
      expect(code, lines.join('\n')).toBe(0);
    }, 600_000);
  });
}
