import { describe, expect, it } from 'vitest';
import { simulationOf } from '../../src/selftest/simulated/run.ts';
import { runSeed, shrinkSeed, tellFailed } from '../../src/selftest/simulated/seeds.ts';

/** Ids of texts are salted by the installation, and say nothing of what happened. */
const withoutTexts = (lines: string[]): string[] =>
  lines.map((line) => line.replaceAll(/"t[0-9a-f]+"?/g, 't'));

describe('a simulated run of the selftest', () => {
  it('ends with everything as it should be, whatever died and got lost', async () => {
    for (let seed = 1; seed <= 6; seed++) expect((await runSeed(seed)).breaches, `seed ${seed}`).toEqual([]);
  }, 60_000);

  it('draws the card of what was live anew when a rollback to the same release takes its place', async () => {
    expect((await runSeed(401)).breaches).toEqual([]);
  });

  it('is the same again for the same seed, to the millisecond', async () => {
    const [first, second] = [await runSeed(7), await runSeed(7)];
    expect(withoutTexts(second.told)).toEqual(withoutTexts(first.told));
    expect(second.virtualMs).toBe(first.virtualMs);
  });

  it('that fails is told as the shortest history, with the command that repeats it', async () => {
    const { steps } = simulationOf(7);
    const breach = (told: string[]): boolean => told.some((line) => line.includes('"version":2'));
    const found = await runSeed(7);
    expect(breach(found.told)).toBe(true);
    const failed = await shrinkSeed(7, found, ({ told }) => breach(told));
    expect(failed.kept.length).toBeLessThan(steps.length / 2);
    expect(tellFailed(failed)).toContain(
      `bakery selftest --seed 7 --steps ${failed.kept.join(',')} --verbose`,
    );
  }, 60_000);
});
