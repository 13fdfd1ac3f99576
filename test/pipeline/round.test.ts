import { describe, expect, it } from 'vitest';
import { Round } from '../../src/pipeline/engine/round.ts';

/** Work whose runs the test ends by hand. */
function heldWork() {
  const runs: { end(error?: Error): void }[] = [];
  const work = () =>
    new Promise<void>((resolve, reject) => {
      runs.push({ end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { runs, work };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a round', () => {
  it('runs once more for all that was asked while it ran', async () => {
    const { runs, work } = heldWork();
    const round = new Round(work, () => {});
    round.start();
    for (let asked = 0; asked < 5; asked++) round.wake();
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await settled();
    expect(runs).toHaveLength(2);
  });

  it('tells its trouble until it runs without one', async () => {
    const { runs, work } = heldWork();
    const told: unknown[] = [];
    const round = new Round(work, (error) => told.push(error));
    const away = new Error('the queue is away');
    round.start();
    runs[0]?.end(away);
    await settled();
    expect(round.trouble).toBe(away);
    expect(told).toEqual([away]);
    round.wake();
    runs[1]?.end();
    await settled();
    expect(round.trouble).toBeUndefined();
  });

  it('does nothing before it was started and after it was stopped, and ends what it began', async () => {
    const { runs, work } = heldWork();
    const round = new Round(work, () => {});
    round.wake();
    expect(runs).toHaveLength(0);
    round.start();
    round.wake();
    let stopped = false;
    const stopping = round.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    runs[0]?.end();
    await stopping;
    expect(runs).toHaveLength(1);
  });
});
