import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needed, spoken } from '../../src/pipeline/domain/protocol.ts';
import { isOver } from '../../src/pipeline/domain/release.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { taskRunner } from '../../src/pipeline/worker.ts';
import { CoreWorld } from '../support/core-world.ts';
import { workOf } from '../support/small-cloud.ts';
import { taskTools } from '../support/task-bench.ts';
import { onlyPaths } from './wire/paths.mjs';

/** What workers of the first version answered, by kind and outcome: recorded, see wire/. */
const { everyAnswer }: { everyAnswer: Record<string, string[]> } = JSON.parse(
  readFileSync(new URL('./wire/0.1.0.json', import.meta.url), 'utf8'),
);
/** What they knew to do. */
const first = 'build bake launch verify admit shift watch drain detach terminate survey'.split(' ');

/** What a worker of the first version answers to a task that it does not know: what every worker does. */
async function answerToUnknown(
  order: { kind: string; needs?: number } = { kind: 'knead' },
): Promise<Outcome> {
  const run = taskRunner({ tools: taskTools(), onBug: () => undefined });
  const attempt = { effect: 'e', generation: 1, attempt: 1, input: {}, log: 'l', limit: 1, ...order };
  const control = { signal: new AbortController().signal, leaseLeft: () => 8_000, progress: () => undefined };
  // A kind of a later version.
  return run(attempt as never, control);
}

describe('a bot with workers of an earlier version', () => {
  it('leaves what an old worker does not know to a newer one', async () => {
    expect(await answerToUnknown()).toMatchObject({ is: 'failed', failure: { fault: 'busy' } });
  });

  it('leaves what it would take for something else to a newer one', async () => {
    const newer = await answerToUnknown({ kind: 'build', needs: spoken + 1 });
    expect(newer).toMatchObject({ is: 'failed', failure: { fault: 'busy' } });
    const own = await answerToUnknown({ kind: 'inventory', needs: spoken });
    expect(own).not.toMatchObject({ failure: { fault: 'busy' } });
    // Whoever does not know of a hand-over would build anew what was tested elsewhere.
    expect(needed('build', { submitted: {} })).toBe(2);
    expect(needed('build', {})).toBe(1);
  });

  it('takes releases all the way, with deployments in flight when it was updated', async () => {
    const world = new CoreWorld();
    const unknown = await answerToUnknown();
    world.say = (attempt) => {
      if (!first.includes(attempt.kind)) return unknown;
      const outcome = workOf(world, attempt);
      const then = everyAnswer[`${attempt.kind}: ${outcome.is}`];
      // It has what it had then, and nothing more.
      return then === undefined ? outcome : onlyPaths(JSON.parse(JSON.stringify(outcome)), then);
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
