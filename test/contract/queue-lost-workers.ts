import { expect, test } from 'vitest';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { startChild } from '../support/child.ts';
import { eventually as until } from '../support/eventually.ts';
import { done, type QueueBench } from './queue-bench.ts';

const child = new URL('../support/queue-process.ts', import.meta.url);

/** What becomes of an attempt whose worker is killed or frozen, where others can go on with it. */
export function lostWorkerPromises(on: QueueBench): void {
  const { rig, timings, freshPrefix, open, attempt, endedOf, endOf } = on;

  test("lets a killed worker's attempt go on elsewhere within 15 s at the standard times", async () => {
    const prefix = freshPrefix();
    const held = await startChild(child, { url: rig.url(), prefix, timings: {} });
    await held.says('ready', 15_000);
    const backend = await open(prefix, {});
    const queue = await backend.queue();
    const one = attempt({ effect: 'orphan' });
    await queue.add(one, 0);
    await held.says('begun orphan', 5_000);
    await backend.worker(async () => done(2), { concurrency: 1, name: 'other' });
    await held.kill();
    const killed = performance.now();
    expect((await endOf(queue, attemptId(one), 20_000)).outcome).toEqual(done(2));
    expect(performance.now() - killed).toBeLessThan(15_000);
  }, 60_000);

  test('aborts the attempt of a frozen worker as it thaws and takes no second outcome', async () => {
    const prefix = freshPrefix();
    const frozen = await startChild(child, { url: rig.url(), prefix, timings: rig.timings });
    await frozen.says('ready', 15_000);
    const backend = await open(prefix);
    const queue = await backend.queue();
    const one = attempt({ effect: 'icy' });
    await queue.add(one, 0);
    await frozen.says('begun icy', 5_000);
    frozen.signal('SIGSTOP');
    await backend.worker(async () => done(2), { concurrency: 1, name: 'other' });
    expect((await endOf(queue, attemptId(one), timings.lock + 20 * timings.stalled)).outcome).toEqual(
      done(2),
    );
    frozen.signal('SIGCONT');
    expect(await frozen.says('aborted icy', 1_000)).toBe('aborted icy lock lost');
    // Once it has taken another attempt, it has done with this one.
    let heard = '';
    let count = 0;
    void frozen.says('begun after', 20_000).then((line) => (heard = line));
    await until('it takes another attempt', 20_000, async () => {
      await queue.add(attempt({ effect: `after-${++count}` }), 0);
      return heard;
    });
    const ends = (await endedOf(queue)).filter(({ id }) => id === attemptId(one));
    expect(ends).toEqual([{ id: attemptId(one), outcome: done(2) }]);
  }, 60_000);
}

/** The same where its process was the only one. */
export function lostProcessPromises({ rig, freshPrefix, open, attempt, endOf }: QueueBench): void {
  test('goes on with what ran when its process was killed and it is opened again', async () => {
    const prefix = freshPrefix();
    const add = attempt({ effect: 'orphan' });
    const held = await startChild(child, { url: rig.url(), prefix, timings: rig.timings, add });
    await held.says('begun orphan', 20_000);
    await expect(open(prefix)).rejects.toThrow(/in use by process \d+/);
    await held.kill();
    const backend = await open(prefix);
    const queue = await backend.queue();
    expect(await queue.held([attemptId(add)])).toEqual(new Set([attemptId(add)]));
    await backend.worker(async () => done(2), { concurrency: 1, name: 'other' });
    const { outcome } = await endOf(queue, attemptId(add), 15_000);
    expect(outcome).toEqual(done(2));
  }, 60_000);
}
