import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Provider } from '../../../src/pipeline/provider.ts';
import { bake } from '../../../src/pipeline/tasks/bake.ts';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { fakeCloud, fakeProvider } from '../../support/fake-provider.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';

const serviceFile = (from: string): string => `build:
  package: { run: [sh, -c, "mkdir out && echo made > out/made.bin"], file: out/made.bin }
image: { files: { /etc/hello.conf: { from: ${from}, mode: "0600" } }, start: [hello] }
health: { path: / }
`;

const buildInput = (from: string) => {
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': serviceFile(from), 'conf/hello.conf': 'warm = yes\n' });
  return { repository: repository.path, folder: '', sha, service: 'hello', version: 1 };
};

test('a file of the repository reaches the bake as it was at the build', async () => {
  const given: { path: string; mode: number | undefined; text: string }[] = [];
  const fake = fakeProvider(fakeCloud(() => 0));
  const provider: Provider = {
    ...fake,
    bake: async (order, call) => {
      for (const [path, file] of order.files) {
        const mode = order.recipe.files?.find((one) => one.path === path)?.mode;
        given.push({ path, mode, text: await readFile(file, 'utf8') });
      }
      return fake.bake(order, call);
    },
  };
  const tools = taskTools(provider);
  const input = buildInput('conf/hello.conf');
  const built = await build.run(input, tools, taskCall().call);
  if (built.is !== 'done') throw new Error(JSON.stringify(built));
  const { package: made, file } = built.result;
  const mark = {
    owner: 'us',
    service: 'hello',
    version: 1,
    environment: 'verify',
    effect: 'b',
    generation: 1,
    epoch: 0,
  };
  const order = { provider: 'fake', package: made, recipe: file.recipe, sha: input.sha, mark };
  expect(await bake.run(order, tools, taskCall().call)).toMatchObject({ is: 'done' });
  expect(given).toEqual([{ path: '/etc/hello.conf', mode: 0o600, text: 'warm = yes\n' }]);
});

test('a file of the image that the repository has not fails the build', async () => {
  const outcome = await build.run(buildInput('conf/gone.conf'), taskTools(), taskCall().call);
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'bad service file' } });
  expect(JSON.stringify(outcome)).toContain('conf/gone.conf');
});
