import { expect, test } from 'vitest';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { lookAtQueue } from '../../src/queue/look.ts';
import { eventually as until } from '../support/eventually.ts';
import { done, type QueueBench } from './queue-bench.ts';

/** What is known of workers, and what a slow one keeps. */
export function workerPromises({ rig, timings, freshPrefix, open, start, attempt, endOf }: QueueBench): void {
  test('does not take a slow worker for a dead one', async () => {
    let runs = 0;
    const aborted: unknown[] = [];
    const { backend, queue } = await start(async (_, { signal, leaseLeft }) => {
      runs++;
      const end = performance.now() + timings.lock * 2.5;
      let least = timings.lock;
      await until('it is over', timings.lock * 4, () => {
        least = Math.min(least, leaseLeft());
        return performance.now() > end;
      });
      if (signal.aborted) aborted.push(signal.reason);
      return done(Math.round(least));
    });
    await backend.worker(async () => done(-1), { concurrency: 1, name: 'other' });
    const all = [attempt(), attempt(), attempt(), attempt(), attempt()];
    for (const one of all) await queue.add(one, 0);
    const ends = await Promise.all(all.map((one) => endOf(queue, attemptId(one), timings.lock * 6)));
    expect(aborted).toEqual([]);
    expect(runs).toBeLessThanOrEqual(5);
    expect(ends.every(({ outcome }) => outcome.is === 'done')).toBe(true);
  });

  test('joins the run it has when a blocked worker is given its own attempt again', async () => {
    let runs = 0;
    const causes: unknown[] = [];
    const { queue } = await start(async (_, { signal }) => {
      runs++;
      const wake = performance.now() + timings.lock + 2 * timings.stalled;
      while (performance.now() < wake); // the loop is blocked, as by heavy work
      const end = performance.now() + 5 * timings.stalled + 500;
      await until('it was given again', 60_000, () => performance.now() > end);
      causes.push(signal.reason?.why);
      return done(runs);
    });
    const one = attempt();
    await queue.add(one, 0);
    expect((await endOf(queue, attemptId(one), 60_000)).outcome).toEqual(done(1));
    expect(runs).toBe(1);
    // In one process with its database, the lock is renewed before anybody else can look: then it was never lost.
    expect(causes).toEqual([rig.shared ? 'lock lost' : undefined]);
  });

  test.runIf(rig.shared)(
    'tells who looks which workers are there, of which version, until they leave',
    async () => {
      const prefix = freshPrefix();
      expect((await lookAtQueue(rig.url(), prefix)).workers).toEqual([]);
      const backend = await open(prefix);
      const options = { concurrency: 1, version: '1.2.3' };
      const here = await backend.worker(async () => done(1), { ...options, name: 'here-1' });
      const there = await backend.worker(async () => done(1), { ...options, name: 'there-2' });
      const names = async (): Promise<string[]> =>
        (await lookAtQueue(rig.url(), prefix)).workers.map(({ name, version }) => `${name} ${version}`);
      await until('both are seen', 10_000, async () => (await names()).length === 2);
      expect((await names()).toSorted()).toEqual(['here-1 1.2.3', 'there-2 1.2.3']);
      // Whoever comes knows of all that were there; the others hear of it within half a minute.
      expect(Math.max(here.among(), there.among())).toBe(2);
      await here.close();
      await until('one has left', 10_000, async () => (await names()).join() === 'there-2 1.2.3');
      const { server, skew } = await lookAtQueue(rig.url(), prefix);
      expect(server).toMatch(/^(Redis|PostgreSQL) \d+\.\d+/);
      expect(Math.abs(skew)).toBeLessThan(1_000);
    },
  );
}
