import { describe, expect, it } from 'vitest';
import { isOver } from '../../src/pipeline/domain/release.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { taskRunner } from '../../src/pipeline/worker.ts';
import { CoreWorld } from '../support/core-world.ts';
import { workOf } from '../support/small-cloud.ts';
import { taskTools } from '../support/task-bench.ts';

/** What the workers of the first version knew to do. */
const first = 'build bake launch verify admit shift watch drain detach terminate survey'.split(' ');

/** What a worker of the first version answers to a task that it does not know: what every worker does. */
async function answerToUnknown(): Promise<Outcome> {
  const run = taskRunner({ tools: taskTools(), onBug: () => undefined });
  const attempt = { effect: 'e', generation: 1, attempt: 1, kind: 'knead', input: {}, log: 'l', limit: 1 };
  const control = { signal: new AbortController().signal, leaseLeft: () => 8_000, progress: () => undefined };
  // A kind of a later version.
  return run(attempt as never, control);
}

describe('a bot with workers of an earlier version', () => {
  it('leaves what an old worker does not know to a newer one', async () => {
    expect(await answerToUnknown()).toMatchObject({ is: 'failed', failure: { fault: 'busy' } });
  });

  it('takes releases all the way, with deployments in flight when it was updated', async () => {
    const world = new CoreWorld();
    const unknown = await answerToUnknown();
    world.say = (attempt) => {
      if (!first.includes(attempt.kind)) return unknown;
      const outcome = workOf(world, attempt);
      if (outcome.is !== 'done' || attempt.kind !== 'survey') return outcome;
      // Its results have what they had then, and nothing more.
      const { alive, members } = JSON.parse(JSON.stringify(outcome.result));
      return { is: 'done', result: { alive, members } };
    };
    await world.push('one');
    await world.run(5_000);
    await world.approve('hello.production.1');
    await world.upkeep(60_000);
    await world.push('two');
    await world.run(5_000);
    await world.approve('hello.production.2');
    await world.upkeep(700_000);
    expect(world.slot('production')).toMatchObject({ live: { version: 2 }, open: [] });
    expect(world.releases().every(isOver)).toBe(true);
    const kinds = new Set(world.attempts.map(({ kind }) => kind));
    expect([...kinds].some((kind) => !first.includes(kind))).toBe(true);
    expect(new Set(world.attempts.map(attemptId)).size).toBe(world.attempts.length);
  });
});
