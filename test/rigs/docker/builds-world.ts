import { readdirSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { keeperCommands } from '../../../src/keeper/keeper.ts';
import { build } from '../../../src/pipeline/tasks/build.ts';
import type { TaskTools } from '../../../src/pipeline/tasks/contract.ts';
import type { BuilderSettings } from '../../../src/providers/docker/builds/builder-settings.ts';
import { dockerBuilder } from '../../../src/providers/docker/builds/index.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { address, base, docker, engineUrl, markFor } from './docker-world.ts';

export const builds = (over: Partial<BuilderSettings> = {}) =>
  dockerBuilder(
    {
      engine: { url: engineUrl(), address: address() },
      images: ['node:*'],
      limits: { memory: 256 * 1024 ** 2, cpus: 1, pids: 64 },
      network: 'bakery-rig-build',
      only: false,
      now: Date.now,
      ...over,
    },
    keeperCommands(),
  );

export const js = (code: string): string => `[node, -e, ${JSON.stringify(code)}]`;

/** A service file whose build runs this code in the rig's image. */
export const serviceFile = (
  compile: string,
  over: { timeout?: string; image?: string; pack?: string } = {},
): string => `
build:
  image: ${over.image ?? base()}
  compile: { run: ${js(compile)}, timeout: ${over.timeout ?? '20s'} }
  package: { run: ${js(over.pack ?? "fs.writeFileSync('made.bin', process.env.SOURCE_DATE_EPOCH)")}, timeout: 20s, file: made.bin }
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;

/** What is left of a build on the engine; none once it is over. */
export const leftOf = (owner: string): string[] => [
  ...docker('ps', '--all', '--quiet', '--filter', `label=bakery.owner=${owner}`).split('\n').filter(Boolean),
  ...docker('volume', 'ls', '--quiet', '--filter', `label=bakery.owner=${owner}`).split('\n').filter(Boolean),
];

/** One commit, built in containers. */
export const world = (files: Record<string, string>, over: Partial<BuilderSettings> = {}) => {
  const repository = gitRepository();
  const sha = repository.commit(files);
  const mark = markFor('build');
  const tools = (more: Partial<TaskTools> = {}) => taskTools(undefined, { builder: builds(over), ...more });
  const input = { repository: repository.path, folder: '', sha, service: mark.service, version: 1, mark };
  onTestFinished(() => expect(leftOf(mark.owner)).toEqual([]));
  return { repository, mark, tools, input };
};

/** Builds it, and gives what came of it with its log. */
export const buildOf = async (text: string, over: Partial<BuilderSettings> = {}) => {
  const { tools, input } = world({ 'bakery.yaml': text }, over);
  const own = tools();
  const { call, lines } = taskCall();
  const outcome = await build.run(input, own, call);
  expect(readdirSync(own.scratch)).toEqual([]);
  return { outcome, lines, tools: own };
};
