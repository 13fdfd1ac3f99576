import { expect, test } from 'vitest';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import { eventually as until } from '../support/eventually.ts';
import { done, type QueueBench, type QueueRig } from './queue-bench.ts';

/** What is known of the server behind the queue. */
export function serverPromises({ open }: QueueBench): void {
  test('answers a ping and knows how far the clocks are apart', async () => {
    const backend = await open();
    await (await backend.queue()).ping();
    expect(Math.abs(await backend.clockSkew())).toBeLessThan(500);
  });
}

/** What calls come to while the server is away, and after. */
export function awayPromises(
  { rig, freshPrefix, start, attempt, endOf }: QueueBench,
  server: NonNullable<QueueRig['server']>,
): void {
  test('fails a call at once while the server is away and goes on by itself when it is back', async () => {
    const { queue, backend } = await start(async () => done(1));
    let wakes = 0;
    queue.onWake(() => wakes++);
    queue.onEnded(() => wakes++);
    const before = attempt();
    await queue.add(before, 0);
    await endOf(queue, attemptId(before));
    await server.stop();
    try {
      for (let n = 0; n < 20; n++) {
        const asked = performance.now();
        await expect(queue.add(attempt(), 0)).rejects.toThrow(/cannot be|did not answer|could not/);
        expect(performance.now() - asked).toBeLessThan(2_500);
        await expect(queue.ping()).rejects.toThrow();
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      const late = await (
        await openQueue(rig.url(), { prefix: freshPrefix(), timings: rig.timings })
      ).queue();
      await expect(late.ping()).rejects.toThrow();
      await late.close();
    } finally {
      await server.start();
    }
    await until('it answers', 10_000, () =>
      queue.ping().then(
        () => true,
        () => false,
      ),
    );
    const after = attempt();
    await queue.add(after, 0);
    expect((await endOf(queue, attemptId(after), 15_000)).outcome).toEqual(done(1));
    await backend.clockSkew();
    const already = wakes;
    await until('it wakes again', 15_000, async () => {
      const more = attempt();
      await queue.add(more, 0);
      await endOf(queue, attemptId(more));
      return wakes > already + 1;
    });
  }, 90_000);
}
