import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/providers/aws/budget.ts';

const { signal } = new AbortController();

/** A clock that goes on by what is waited for. */
function clock() {
  let now = 0;
  const pause = async (ms: number): Promise<void> => {
    now += ms;
  };
  return { now: () => now, pause };
}

/** Calls that get through until a second is over, of a worker that asks all the time. */
async function within(seconds: number, budget: Budget, time: ReturnType<typeof clock>): Promise<number> {
  let made = 0;
  for (;;) {
    await budget.take({ signal });
    if (time.now() > seconds * 1_000) return made;
    made += 1;
  }
}

describe('a budget of calls', () => {
  it('lets through what it says, and what fits into a second at once', async () => {
    const time = clock();
    expect(await within(10, new Budget({ callsPerSecond: 20, workers: () => 1 }, time), time)).toBe(220);
  });

  it('is one for all workers: each takes its part, however many there are', async () => {
    for (const workers of [2, 4, 10]) {
      const made = await Promise.all(
        Array.from({ length: workers }, () => {
          const time = clock();
          return within(10, new Budget({ callsPerSecond: 20, workers: () => workers }, time), time);
        }),
      );
      expect(made.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(220);
    }
  });

  it('is divided anew when a worker comes or goes', async () => {
    const time = clock();
    let workers = 1;
    const budget = new Budget({ callsPerSecond: 20, workers: () => workers }, time);
    await within(1, budget, time);
    workers = 2;
    const from = time.now();
    for (let made = 0; made < 100; made += 1) await budget.take({ signal });
    expect(time.now() - from).toBeGreaterThan(9_000);
  });

  it('does not hold a worker: what would wait too long is busy, and is not taken', async () => {
    const time = { ...clock(), pause: () => Promise.resolve() };
    const budget = new Budget({ callsPerSecond: 1, workers: () => 1 }, time);
    const taken = await Promise.allSettled(Array.from({ length: 20 }, () => budget.take({ signal })));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(9);
    expect(taken.at(-1)).toMatchObject({ reason: { fault: 'busy' } });
  });

  it('gives back what a cancelled call had waited for', async () => {
    let cancelled = true;
    const time = {
      ...clock(),
      pause: () => (cancelled ? Promise.reject(new Error('cancelled')) : Promise.resolve()),
    };
    const budget = new Budget({ callsPerSecond: 1, workers: () => 1 }, time);
    await budget.take({ signal });
    for (let again = 0; again < 20; again += 1)
      await expect(budget.take({ signal })).rejects.toMatchObject({ fault: 'aborted' });
    cancelled = false;
    await budget.take({ signal });
  });
});
