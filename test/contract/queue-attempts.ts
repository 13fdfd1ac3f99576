import { expect, test } from 'vitest';
import { attemptId, type Ended } from '../../src/pipeline/task-queue.ts';
import { eventually as until } from '../support/eventually.ts';
import { done, type QueueBench } from './queue-bench.ts';

/** How an attempt comes to a worker, and what becomes of it to the coordinator. */
export function attemptPromises({ start, attempt, endedOf, endOf }: QueueBench): void {
  test('carries an attempt to a worker and its outcome back', async () => {
    const { queue } = await start(async ({ input, known }) => ({
      is: 'not yet',
      again: 5,
      known: { input, known },
    }));
    const one = attempt({ known: 'a hint' });
    await queue.add(one, 0);
    const { outcome } = await endOf(queue, attemptId(one));
    expect(outcome).toEqual({ is: 'not yet', again: 5, known: { input: one.input, known: 'a hint' } });
  });

  test('begins a delayed attempt when its time has come', async () => {
    let began = 0;
    const { queue } = await start(async () => {
      began = performance.now();
      return done(1);
    });
    const one = attempt();
    const added = performance.now();
    await queue.add(one, 700);
    await endOf(queue, attemptId(one));
    expect(began - added).toBeGreaterThan(690);
    expect(began - added).toBeLessThan(2_200);
  });

  test('reports an exception in a task as a bug with a sentence', async () => {
    const { queue } = await start(async () => {
      throw new Error('index out of range');
    });
    const one = attempt();
    await queue.add(one, 0);
    const { outcome } = await endOf(queue, attemptId(one));
    expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'bug' } });
    expect(JSON.stringify(outcome)).toContain('index out of range');
  });

  test('wakes the coordinator and passes progress on', async () => {
    const { queue } = await start(async (_, { progress }) => {
      progress('41 of 42 tests');
      return done(1);
    });
    let wakes = 0;
    const notes: string[] = [];
    queue.onWake(() => wakes++);
    queue.onEnded(() => wakes++);
    queue.onProgress((id, text) => notes.push(`${id} ${text}`));
    const told = await until('a wake and a note', 10_000, async () => {
      const one = attempt();
      await queue.add(one, 0);
      await endOf(queue, attemptId(one));
      return wakes > 0 && notes[0];
    });
    expect(told).toMatch(/^terminate-\d+\.1\.1 41 of 42 tests$/);
  });

  test('tells of an attempt that ended, with what came of it', async () => {
    const { queue } = await start(async () => done(7));
    const told: Ended[] = [];
    queue.onEnded((ended) => told.push(ended));
    const id = await until('it is told', 20_000, async () => {
      // Nobody listens yet to what ends in the first moment.
      const one = attempt();
      await queue.add(one, 0);
      await endOf(queue, attemptId(one));
      return told.find(({ id }) => id === attemptId(one))?.id;
    });
    expect(told).toContainEqual({ id, outcome: done(7) });
    expect(await endedOf(queue)).toContainEqual({ id, outcome: done(7) });
  });
}
