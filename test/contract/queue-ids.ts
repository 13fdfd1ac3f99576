import { expect, test } from 'vitest';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { eventually as until } from '../support/eventually.ts';
import { done, type QueueBench } from './queue-bench.ts';

/** What is known of an attempt by its id, until it is released. */
export function idPromises({ open, start, attempt, endedOf, endOf }: QueueBench): void {
  test('does nothing when an id is added again in any state', async () => {
    const began: string[] = [];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const backend = await open();
    const queue = await backend.queue();
    const [waits, later] = [attempt(), attempt()];
    for (const again of [1, 2]) await queue.add({ ...waits, input: again }, 0);
    for (const again of [1, 2]) await queue.add({ ...later, input: again }, again === 1 ? 60_000 : 0);
    expect(await queue.counts()).toEqual({ waiting: 1, active: 0, delayed: 1 });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    await backend.worker(
      async ({ effect, input }) => {
        began.push(`${effect} ${JSON.stringify(input)}`);
        await finished;
        return effect === waits.effect ? done(1) : { is: 'not yet', again: 1, known: circular };
      },
      { concurrency: 4, name: 'w' },
    );
    await until('it runs', 10_000, () => began.length === 1);
    await queue.add(waits, 0);
    const failing = attempt();
    await queue.add(failing, 0);
    finish();
    await endOf(queue, attemptId(waits));
    const lost = await endOf(queue, attemptId(failing));
    expect(lost.outcome).toMatchObject({ is: 'lost' });
    for (const held of [waits, failing]) await queue.add(held, 0);
    await queue.add(attempt({ effect: 'last' }), 0);
    await endOf(queue, 'last.1.1');
    expect(began.map((line) => line.split(' ')[0])).toEqual([waits.effect, failing.effect, 'last']);
    expect(began[0]).toBe(`${waits.effect} 1`);
  });

  test('runs an id again once it was released', async () => {
    let runs = 0;
    const { queue } = await start(async () => done(++runs));
    const one = attempt();
    await queue.add(one, 0);
    await endOf(queue, attemptId(one));
    await queue.release(attemptId(one));
    expect(await endedOf(queue)).toEqual([]);
    await queue.add(one, 0);
    expect((await endOf(queue, attemptId(one))).outcome).toEqual(done(2));
  });

  test('knows which ids it holds in every state', async () => {
    const backend = await open();
    const queue = await backend.queue();
    const [waits, later] = [attempt(), attempt()];
    await queue.add(waits, 0);
    await queue.add(later, 60_000);
    const ids = [attemptId(waits), attemptId(later)];
    expect(await queue.held([...ids, 'other.1.1'])).toEqual(new Set(ids));
    await queue.release(attemptId(later));
    expect(await queue.held(ids)).toEqual(new Set([attemptId(waits)]));
  });

  test('pages through 250 ended attempts while they are released', async () => {
    const { queue } = await start(async () => done(1), 20);
    const all = Array.from({ length: 250 }, () => attempt());
    await Promise.all(all.map((one) => queue.add(one, 0)));
    await until('all ended', 20_000, async () => {
      const { waiting, active } = await queue.counts();
      return waiting + active === 0;
    });
    const held = await queue.held([...all.map(attemptId), 'never.1.1']);
    expect(held.size).toBe(250);
    const seen: string[] = [];
    for await (const { id } of queue.ended()) {
      seen.push(id);
      await queue.release(id);
    }
    expect(seen.toSorted()).toEqual(all.map(attemptId).toSorted());
    expect(await queue.held(seen)).toEqual(new Set());
  });
}
