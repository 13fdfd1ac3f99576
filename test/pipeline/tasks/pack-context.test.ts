import { list } from 'tar';
import { expect, test } from 'vitest';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const serviceFile = `build: {}
image: { dockerfile: deploy/Dockerfile }
health: { path: / }
`;

const files = {
  'bakery.yaml': serviceFile,
  'deploy/Dockerfile': 'FROM node:rig\nCOPY . /app\n',
  '.dockerignore': 'secret.txt\n**/*.log\n!keep.log\n',
  'server.js': '1',
  'secret.txt': 'x',
  'logs/a.log': 'x',
  'keep.log': 'x',
};

const packed = async () => {
  const repository = gitRepository();
  const sha = repository.commit(files);
  const tools = taskTools();
  const input = { repository: repository.path, folder: '', sha, service: 'hello', version: 1 };
  const outcome = await build.run(input, tools, taskCall().call);
  if (outcome.is !== 'done') throw new Error(JSON.stringify(outcome));
  return { made: outcome.result.package, tools };
};

test('a folder with a Dockerfile is its own package, without what .dockerignore leaves out', async () => {
  const { made, tools } = await packed();
  const file = `${tempFolder()}/context.tar`;
  await tools.store.fetch(made.digest, file);
  const paths: string[] = [];
  await list({ file, onReadEntry: (entry) => paths.push(entry.path) });
  expect(paths).toEqual(['.dockerignore', 'bakery.yaml', 'deploy/Dockerfile', 'keep.log', 'server.js']);
});

test('the same files give the same package, wherever and whenever they are packed', async () => {
  expect((await packed()).made).toEqual((await packed()).made);
});
