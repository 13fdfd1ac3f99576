import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Package } from '../../../src/pipeline/domain/image.ts';
import type { Outcome, TaskInputs, TaskKind, TaskResults } from '../../../src/pipeline/domain/task.ts';
import { type LaunchOrder, ProviderError, ready } from '../../../src/pipeline/provider.ts';
import { bake as bakeTask } from '../../../src/pipeline/tasks/bake.ts';
import { build as buildTask } from '../../../src/pipeline/tasks/build.ts';
import type { Task, TaskTools } from '../../../src/pipeline/tasks/contract.ts';
import { launch as launchTask } from '../../../src/pipeline/tasks/launch.ts';
import { terminate as terminateTask } from '../../../src/pipeline/tasks/terminate.ts';
import { verify as verifyTask } from '../../../src/pipeline/tasks/verify.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { fakeBalancer } from '../../support/fake-balancer.ts';
import { fakeCloud, fakeProvider } from '../../support/fake-provider.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { settle } from '../../support/settle.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const mark = (effect: string, generation = 1) => ({
  owner: 'us',
  service: 'hello',
  version: 1,
  environment: 'verify',
  effect,
  generation,
  epoch: 0,
});

/** Attempts until there is an outcome; what an attempt knew is thrown away. */
const finish = <Kind extends TaskKind>(
  task: Task<Kind>,
  input: TaskInputs[Kind],
  tools: TaskTools,
): Promise<TaskResults[Kind]> =>
  settle(async () => {
    const outcome: Outcome<Kind> = await task.run(input, tools, taskCall({ known: undefined }).call);
    if (outcome.is === 'done') return { ready: true, value: outcome.result };
    if (outcome.is === 'not yet') return { ready: false, again: outcome.again };
    throw new Error(JSON.stringify(outcome));
  });

test('a launch tells the balancer whom to expect, and that he does not come, and goes on whatever the balancer says', async () => {
  const address = 'http://127.0.0.1:1';
  const made = { id: 'fake-1', address, effect: 'launch-1', generation: 1 };
  const told: unknown[][] = [];
  let starts = true;
  const cloud = {
    ...fakeProvider(fakeCloud(Date.now)),
    launch: async ({ onStarting }: LaunchOrder) => {
      onStarting?.();
      onStarting?.(address);
      if (!starts) throw new ProviderError('exited', 'It ended at once.');
      return ready({ ...made, provider: 'fake' });
    },
  };
  const balancer = {
    ...fakeBalancer(),
    expect: async (...given: unknown[]) => {
      told.push(given.slice(0, 3));
      throw new ProviderError('unreachable', 'HAProxy is away.');
    },
  };
  const tools = taskTools(cloud, { balancer: () => balancer, now: () => 1_000 });
  const health = { path: '/health', within: 5_000 };
  const frontend = { slot: 'hello.production', port: 80 };
  const input = {
    provider: 'fake',
    image: {
      provider: 'fake',
      id: 'image-1',
      digest: 'sha256:1',
      manifest: 'sha256:2',
      size: 1,
      reused: false,
    },
    spec: { start: [], health, grace: 1_000, settings: {} },
    mark: mark('launch-1'),
    behind: { balancer: 'haproxy', frontend },
  };
  const expected = { key: 'launch-1.1', path: '/health' };
  await finish(launchTask, input, tools);
  const begun = [
    [frontend, expected, 6_000],
    [frontend, { ...expected, address }, 6_000],
  ];
  expect(told).toEqual(begun);
  starts = false;
  await expect(finish(launchTask, input, tools)).rejects.toMatchObject({ fault: 'exited' });
  expect(told.slice(2)).toEqual([...begun, [frontend, expected, 1_000]]);
});

test('the example goes from commit to verified candidate and away, with every hint thrown away', async () => {
  const repository = gitRepository('hello');
  const sha = repository.commit({});
  const from = { repository: repository.path, folder: '', sha };
  const provider = localProvider({ root: tempFolder(), keep: async () => {}, now: Date.now });
  const tools = taskTools(provider, { secret: async (reference) => `read ${reference}` });
  const stop = {
    provider: 'local',
    owner: 'us',
    made: [{ effect: 'candidate-1', generation: 1 }],
    grace: 1_000,
  };
  onTestFinished(async () => {
    await finish(terminateTask, stop, tools);
  });

  const built = await finish(buildTask, { ...from, service: 'hello', version: 1 }, tools);
  const { recipe, suites, health, grace } = built.file;
  const bakes = { provider: 'local', package: built.package, recipe, sha, mark: mark('bake-1') };
  const { image } = await finish(bakeTask, bakes, tools);
  const settings = { GREETING: { value: 'Moin' }, LOG_TOKEN: { secret: 'env:LOG_TOKEN' } };
  const spec = { start: recipe.start, health, grace, settings };
  const launches = { provider: 'local', image, spec, mark: mark('candidate-1') };
  const { instance } = await finish(launchTask, launches, tools);
  expect(await (await fetch(instance.address)).json()).toMatchObject({
    version: 'v1',
    greeting: 'Moin',
    environment: 'verify',
    logging: 'on',
  });
  const parts = [{ version: 1, sha, suites }];
  const input = { repository: repository.path, folder: '', parts, address: instance.address, grace };
  const verified = await finish(verifyTask, input, tools);
  expect(verified.suites.map(({ name, passed, failed }) => [name, passed, failed])).toEqual([
    ['functional', 5, 0],
    ['integration', 2, 0],
    ['regression', 3, 0],
  ]);
  expect(await finish(terminateTask, stop, tools)).toEqual({ removed: 1 });
  expect(await finish(terminateTask, stop, tools)).toEqual({ removed: 0 });
  await expect(fetch(instance.address)).rejects.toThrow();
  expect(readdirSync(tools.scratch)).toEqual([]);
});

/** The fake cloud with one image. */
const onFake = async () => {
  let now = 0;
  const cloud = fakeCloud(() => now);
  const provider = fakeProvider(cloud);
  const tools = taskTools(provider);
  const { digest, size } = await tools.store.put('a package');
  const made: Package = { digest, size, name: 'made.bin' };
  const recipe = { base: '', packages: [], start: ['node', 'serve.js'] };
  const bakes = { provider: 'fake', package: made, recipe, sha: 'a'.repeat(40), mark: mark('bake-1') };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { tools, bakes, pass, cloud };
};
const spec = { start: ['node', 'serve.js'], health: { path: '/', within: 1_000 }, grace: 100, settings: {} };

test('bake says whether the image was made or taken', async () => {
  const { tools, bakes } = await onFake();
  expect((await finish(bakeTask, bakes, tools)).image.reused).toBe(false);
  expect((await finish(bakeTask, { ...bakes, mark: mark('bake-2') }, tools)).image.reused).toBe(true);
});

test('a package that is not in the store is not baked', async () => {
  const { tools, bakes, cloud } = await onFake();
  const gone = { ...bakes, package: { ...bakes.package, digest: `sha256:${'0'.repeat(64)}` } };
  await expect(finish(bakeTask, gone, tools)).rejects.toMatchObject({ fault: 'unexpected state' });
  expect(cloud.images.size).toBe(0);
});

test('launch ends with "not yet" instead of waiting', async () => {
  const { tools, bakes } = await onFake();
  const { image } = await finish(bakeTask, bakes, tools);
  const input = { provider: 'fake', image, spec, mark: mark('launch-1') };
  expect(await launchTask.run(input, tools, taskCall().call)).toMatchObject({ is: 'not yet', again: 50 });
});

test('a secret that is not there starts nothing', async () => {
  const { tools, bakes, cloud } = await onFake();
  const { image } = await finish(bakeTask, bakes, tools);
  const secret = async (reference: string): Promise<string> => {
    throw new ProviderError('bad settings', `The secret ${reference} is not there.`);
  };
  const settings = { LOG_TOKEN: { secret: 'env:LOG_TOKEN' } };
  const input = { provider: 'fake', image, spec: { ...spec, settings }, mark: mark('launch-1') };
  const launching = launchTask.run(input, { ...tools, secret }, taskCall().call);
  await expect(launching).rejects.toMatchObject({ fault: 'bad settings' });
  expect(cloud.instances.size).toBe(0);
});

test('terminate ends what its marks name and leaves other generations alone', async () => {
  const { tools, bakes, pass } = await onFake();
  const { image } = await finish(bakeTask, bakes, tools);
  for (const generation of [1, 2]) {
    const input = { provider: 'fake', image, spec, mark: mark('launch-1', generation) };
    await launchTask.run(input, tools, taskCall().call);
  }
  pass(200);
  const stop = { provider: 'fake', owner: 'us', made: [{ effect: 'launch-1', generation: 1 }], grace: 0 };
  expect(await finish(terminateTask, stop, tools)).toEqual({ removed: 1 });
  const left = await tools.provider('fake').list('us', taskCall().call);
  expect(left.filter(({ what }) => what === 'instance').map((one) => one.mark.generation)).toEqual([2]);
});

test('ends what was heard of though the list does not show it yet', async () => {
  const cloud = fakeCloud(() => 0);
  const provider = { ...fakeProvider(cloud), list: async () => [] };
  const ended: string[] = [];
  const tools = taskTools({
    ...provider,
    terminate: async (id) => {
      ended.push(id);
      return ready(undefined);
    },
  });
  const made = [{ effect: 'launch', generation: 1 }];
  const stop = { provider: 'fake', owner: 'us', made, known: ['i-1'], grace: 0 };
  expect(await terminateTask.run(stop, tools, taskCall().call)).toMatchObject({ is: 'done' });
  expect(ended).toEqual(['i-1']);
});
