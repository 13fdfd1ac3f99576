import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Image, Package } from '../../../src/pipeline/domain/image.ts';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import type { ServiceFile } from '../../../src/pipeline/domain/service-file.ts';
import type { Mark, Outcome } from '../../../src/pipeline/domain/task.ts';
import { bake } from '../../../src/pipeline/tasks/bake.ts';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { launch } from '../../../src/pipeline/tasks/launch.ts';
import { survey } from '../../../src/pipeline/tasks/survey.ts';
import { terminate } from '../../../src/pipeline/tasks/terminate.ts';
import { watch } from '../../../src/pipeline/tasks/watch.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const mark: Mark = {
  owner: 'us',
  service: 'worker',
  version: 1,
  environment: 'staging',
  effect: 'launch.worker.staging.1.0',
  generation: 1,
  epoch: 1,
};

/** Asks until it is done, as often as the task says. */
async function done<Result>(ask: () => Promise<Outcome>): Promise<Result> {
  for (let looks = 0; looks < 200; looks++) {
    const outcome = await ask();
    if (outcome.is === 'failed') throw new Error(outcome.failure.sentence);
    if (outcome.is === 'done') return outcome.result as Result;
    await new Promise((resolve) => setTimeout(resolve, Math.min(outcome.again, 100)));
  }
  throw new Error('it is not done after 200 looks');
}

test('the example of a worker is built, started, watched and told to finish, with no balancer at all', async () => {
  const repository = gitRepository('worker');
  const sha = repository.commit({});
  const provider = localProvider({ root: tempFolder(), keep: async () => {}, now: Date.now });
  const tools = taskTools(provider);
  const { call } = taskCall();
  const input = { repository: repository.path, folder: '.', sha, service: 'worker', version: 1 };
  const { package: made, file } = await done<{ package: Package; file: ServiceFile }>(() =>
    build.run(input, tools, call),
  );
  const bakeMark = { ...mark, effect: 'bake.worker.v1', environment: 'verify' };
  const { image } = await done<{ image: Image }>(() =>
    bake.run({ provider: 'local', package: made, recipe: file.recipe, sha, mark: bakeMark }, tools, call),
  );
  const journal = join(tempFolder(), 'journal');
  const spec = {
    start: file.recipe.start,
    health: file.health,
    grace: file.grace,
    settings: { WORK_MS: { value: '700' }, JOURNAL: { value: journal } },
  };
  const { instance } = await done<{ instance: Instance }>(() =>
    launch.run({ provider: 'local', image, spec, mark }, tools, call),
  );
  const end = () =>
    terminate.run(
      { provider: 'local', owner: 'us', made: [mark], known: [instance.id], grace: 10_000 },
      tools,
      call,
    );
  onTestFinished(() => done(end));
  const at = {
    provider: 'local',
    balancer: '',
    frontend: { slot: 'worker.staging', port: 0 },
    instances: [instance],
    health: file.health,
  };
  const until = Date.now() + 800;
  expect(await done(() => watch.run({ ...at, weights: {}, until, epoch: 1 }, tools, call))).toEqual({
    requests: 0,
    failed: 0,
  });
  const there = { alive: [instance.id], unwell: [], members: [instance.id] };
  expect(await done(() => survey.run(at, tools, call))).toEqual(there);
  await done(end);
  expect(await done(() => survey.run(at, tools, call))).toEqual({ alive: [], unwell: [], members: [] });
  const lines = readFileSync(journal, 'utf8').trim().split('\n');
  const began = lines.filter((line) => line.startsWith('began'));
  expect(began.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.startsWith('finished'))).toHaveLength(began.length);
});
