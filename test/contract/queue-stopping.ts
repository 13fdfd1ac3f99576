import { expect, test } from 'vitest';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { AttemptAborted } from '../../src/queue/aborted.ts';
import { eventually as until } from '../support/eventually.ts';
import { done, type QueueBench } from './queue-bench.ts';

/** What ends an attempt early: a cancel, its limit, or the end of its worker. */
export function stoppingPromises({ timings, open, start, attempt, endOf }: QueueBench): void {
  test('cancels an attempt that waits or is delayed by removing it', async () => {
    const queue = await (await open()).queue();
    const [waits, later] = [attempt(), attempt()];
    await queue.add(waits, 0);
    await queue.add(later, 60_000);
    for (const one of [waits, later]) expect(await queue.cancel(attemptId(one))).toBe('removed');
    expect(await queue.held([attemptId(waits), attemptId(later)])).toEqual(new Set());
    expect(await queue.cancel(attemptId(waits))).toBe('unknown');
  });

  test('tells the worker of a running attempt that it is cancelled within a renewal', async () => {
    const causes: unknown[] = [];
    const { queue } = await start(async (one, { signal }) => {
      if (one.effect === 'fresh') return done(7);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      causes.push(signal.reason);
      return {
        is: 'failed',
        failure: { fault: 'command failed', sentence: 'killed', lines: ['last line'] },
      };
    });
    const one = attempt({ effect: 'cancelled' });
    await queue.add(one, 0);
    await until('it runs', 5_000, async () => (await queue.counts()).active === 1);
    expect(await queue.cancel(attemptId(one))).toBe('told');
    const { outcome } = await endOf(queue, attemptId(one), 4_000);
    expect(causes[0]).toBeInstanceOf(AttemptAborted);
    expect(causes[0]).toMatchObject({ why: 'cancelled' });
    expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'aborted', lines: ['last line'] } });
    expect(await queue.cancel(attemptId(one))).toBe('told');
    await queue.release(attemptId(one));
    expect(await queue.cancel(attemptId(one))).toBe('unknown');
  });

  test('aborts an attempt at its limit and reports a timeout even for a handler that hangs', async () => {
    const { queue } = await start((one, { signal }) => {
      if (one.effect === 'hangs') return new Promise(() => {});
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const [polite, hangs] = [
      attempt({ effect: 'polite', limit: 200 }),
      attempt({ effect: 'hangs', limit: 200 }),
    ];
    for (const one of [polite, hangs]) await queue.add(one, 0);
    for (const one of [polite, hangs]) {
      const { outcome } = await endOf(queue, attemptId(one), timings.grace + 5_000);
      expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'timeout' } });
    }
  });

  test('waits for running attempts when it closes and aborts those that take too long', async () => {
    const causes: unknown[] = [];
    const { queue, worker } = await start(async (one, { signal }) => {
      if (one.effect !== 'long') {
        await until('a moment', 1_000, () => causes.length >= 0);
        return done(1);
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      causes.push(signal.reason.why);
      return { is: 'failed', failure: { fault: 'aborted', sentence: 'ended' } };
    });
    const [short, long] = [attempt(), attempt({ effect: 'long' })];
    for (const one of [short, long]) await queue.add(one, 0);
    await until('both begun', 5_000, async () => (await queue.counts()).waiting === 0);
    await worker.close();
    expect(causes).toEqual(['worker stops']);
    expect((await endOf(queue, attemptId(short))).outcome).toEqual(done(1));
    const { outcome } = await endOf(queue, attemptId(long));
    expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'worker lost' } });
  });
}
