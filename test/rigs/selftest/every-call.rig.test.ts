import { describe, expect, it } from 'vitest';
import { changes } from '../../../src/selftest/cloud/request.ts';
import { mishaps } from '../../../src/selftest/cloud/troubles.ts';
import type { Step } from '../../../src/selftest/history.ts';
import { simulate } from '../../../src/selftest/simulated/run.ts';

const scene = { count: 1, tokens: true, workers: 2, eager: true, haste: 1 };

/** Two releases, each all the way to production, and a way back: it makes every call there is. */
const story = (trouble: Step): Step[] => [
  trouble,
  { after: 0, do: 'push', number: 1 },
  { after: 40_000, do: 'push', number: 2 },
  { after: 110_000, do: 'roll back', environment: 'production' },
  // So that what is wrong stays wrong until all of it has happened.
  { after: 60_000, do: 'roll back', environment: 'dev' },
  { after: 30_000, do: 'lists lag', ms: 500 },
];

const table = changes.flatMap((call) => mishaps.map((how) => ({ call, how })));

describe('every call that changes something in a cloud', () => {
  it.each(table)('ends well when it meets with: $call, $how', async ({ call, how }) => {
    const steps = story({ after: 0, do: 'trouble', trouble: { call, nth: 1, how, ms: 12_000 } });
    const { breaches, told } = await simulate(1, scene, steps);
    expect(
      told.filter((line) => line.includes(`meets with "${how}"`)),
      told.join('\n'),
    ).toHaveLength(1);
    expect(breaches, told.join('\n')).toEqual([]);
  });
});
