import { expect, it } from 'vitest';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { taskRunner } from '../../src/pipeline/worker.ts';
import { gitRepository } from '../support/git-repository.ts';
import { taskTools } from '../support/task-bench.ts';

/** An attempt that says in its log which commit there is not. */
const attemptAt = (effect: string, attempt: number, sha: string): Attempt => ({
  effect,
  generation: 1,
  attempt,
  kind: 'build',
  input: { repository: gitRepository().path, folder: '', sha, service: 'hello', version: 1 },
  limit: 30_000,
  log: 'hello.v1.candidate.1',
});
const control = { signal: new AbortController().signal, leaseLeft: () => 60_000, progress: () => undefined };

it('the log of a stage has the lines of all its tasks, in the order in which they were written', async () => {
  const tools = taskTools();
  const run = taskRunner({ tools, onBug: () => undefined });
  await run(attemptAt('launch', 1, 'first'), control);
  await run(attemptAt('launch', 2, 'second'), control);
  // Another task of the stage, such as the one that undoes it, begins at its own first attempt.
  await run(attemptAt('undo.launch', 1, 'third'), control);
  const log = await tools.store.readLog('hello.v1.candidate.1');
  expect(log.match(/no commit \w+/g)).toEqual(['no commit first', 'no commit second', 'no commit third']);
});

it('lines of tasks that run at the same time are all kept', async () => {
  const tools = taskTools();
  const run = taskRunner({ tools: { ...tools, now: () => 1_000 }, onBug: () => undefined });
  const effects = ['launch.0', 'launch.1', 'launch.2'];
  await Promise.all(effects.map((effect) => run(attemptAt(effect, 1, effect.replace('.', '')), control)));
  const log = await tools.store.readLog('hello.v1.candidate.1');
  expect(log.match(/no commit \w+/g)?.toSorted()).toEqual([
    'no commit launch0',
    'no commit launch1',
    'no commit launch2',
  ]);
});
