import { describe, expect, it, onTestFinished } from 'vitest';
import { createEngine } from '../../src/pipeline/engine/engine.ts';
import { CoreWorld, commitNamed } from '../support/core-world.ts';
import { ada } from '../support/policies.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A release on an engine whose timers never ring, until it is over or nothing goes on any more. */
async function release(world: CoreWorld): Promise<number> {
  const timers: (() => void)[] = [];
  const repeat = (_every: number, work: () => void) => {
    timers.push(work);
    return () => undefined;
  };
  const engine = createEngine({ ...world.parts, repeat });
  engine.start();
  onTestFinished(() => engine.stop());
  await engine.handle({ do: 'request release', service: 'hello', commit: commitNamed('one'), by: ada });
  for (let turns = 0; turns < 2_000 && world.release(1).state === 'running'; turns++) {
    await turn();
    for (const attempt of world.queue.take()) world.work(attempt);
    // What is due later is waited for by the queue, not by the engine.
    world.now = Math.max(world.now, world.queue.nextDue() ?? 0);
  }
  return timers.length;
}

describe('a release goes on', () => {
  it('as its commits and the queue wake it, and waits for no timer', async () => {
    const world = new CoreWorld();
    const timers = await release(world);
    expect(world.release(1).state).toBe('production ready');
    // There are some, and none has rung: they are for what a wake could miss.
    expect(timers).toBeGreaterThan(0);
  });

  it('by what the queue tells of attempts that ended, without looking through it for each', async () => {
    const world = new CoreWorld();
    world.queue.tells = true;
    let looks = 0;
    const ended = world.queue.ended.bind(world.queue);
    world.queue.ended = () => {
      looks++;
      return ended();
    };
    await release(world);
    expect(world.release(1).state).toBe('production ready');
    // Every second, and when it begins.
    expect(looks).toBeLessThan(world.attempts.length / 2);
  });
});
