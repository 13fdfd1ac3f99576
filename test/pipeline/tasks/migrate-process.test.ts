import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Mark, Outcome, TaskInputs } from '../../../src/pipeline/domain/task.ts';
import { bake } from '../../../src/pipeline/tasks/bake.ts';
import { migrate } from '../../../src/pipeline/tasks/migrate.ts';
import { terminate } from '../../../src/pipeline/tasks/terminate.ts';
import { taskRunner } from '../../../src/pipeline/worker.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { tarOf } from '../../support/tar-of.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const mark: Mark = {
  owner: 'us',
  service: 'orders',
  version: 2,
  environment: 'staging',
  effect: 'migrate.orders.staging.2',
  generation: 1,
  epoch: 1,
};

/** Adds its column unless it is there, as any migration has to; and tells what it connects with. */
const program = `
  const { appendFileSync, existsSync, readFileSync } = require('fs');
  console.log('connecting with ' + process.env.PASSWORD);
  const has = existsSync(process.env.DATABASE) && readFileSync(process.env.DATABASE, 'utf8').includes('size');
  if (!has) appendFileSync(process.env.DATABASE, 'column size\\n');
  appendFileSync(process.env.DATABASE + '.runs', 'run\\n');
  process.exit(Number(process.env.EXIT ?? 0));`;

async function settled(ask: () => Promise<Outcome>): Promise<Outcome> {
  for (let looks = 0; looks < 400; looks++) {
    const outcome = await ask();
    if (outcome.is !== 'not yet') return outcome;
    await new Promise((resolve) => setTimeout(resolve, Math.min(outcome.again, 100)));
  }
  throw new Error('it is not done after 400 looks');
}

/** The image of the service, a database that is a file, and a worker that knows the password. */
async function stand() {
  const provider = localProvider({ root: tempFolder(), keep: async () => {}, now: Date.now });
  const tools = taskTools(provider, { secret: async () => 'open sesame' });
  const { call, lines } = taskCall();
  const made = await tarOf(tempFolder(), { 'migrate.js': program });
  const { digest } = await tools.store.put(readFileSync(made.packageFile));
  const recipe = { base: '', packages: [], start: ['node', 'server.js'] };
  const order = { provider: 'local', package: { ...made.package, digest }, recipe, sha: 'a'.repeat(40) };
  const baked = await settled(() =>
    bake.run({ ...order, mark: { ...mark, effect: 'bake.orders.v2' } }, tools, call),
  );
  if (baked.is !== 'done') throw new Error(JSON.stringify(baked));
  const { image } = baked.result as { image: Image };
  const database = join(tempFolder(), 'database');
  const input = (of: Mark, exit = '0'): TaskInputs['migrate'] => ({
    provider: 'local',
    image,
    mark: of,
    spec: {
      start: ['node', 'migrate.js'],
      once: true,
      health: { path: '/', within: 20_000 },
      grace: 1_000,
      settings: {
        DATABASE: { value: database },
        PASSWORD: { secret: 'env:PASSWORD' },
        EXIT: { value: exit },
      },
    },
  });
  const end = (of: Mark) =>
    settled(() => terminate.run({ provider: 'local', owner: 'us', made: [of], grace: 0 }, tools, call));
  onTestFinished(async () => void (await end(mark)));
  const read = (suffix = '') => readFileSync(`${database}${suffix}`, 'utf8').trim().split('\n');
  return { provider, tools, call, lines, input, end, read };
}

test('a real migration changes the database before the new version starts, and a retry finds it done', async () => {
  const { tools, call, input, end, read } = await stand();
  expect(await settled(() => migrate.run(input(mark), tools, call))).toEqual({ is: 'done', result: {} });
  expect(read()).toEqual(['column size']);
  // The answer was lost: another worker finds how it ended, and runs nothing.
  expect(await settled(() => migrate.run(input(mark), tools, call))).toMatchObject({ is: 'done' });
  expect(read('.runs')).toEqual(['run']);
  await end(mark);
  const retried = { ...mark, generation: 2 };
  expect(await settled(() => migrate.run(input(retried), tools, call))).toMatchObject({ is: 'done' });
  expect(read()).toEqual(['column size']);
  await end(retried);
});

test('a migration that ends badly is told with its last lines, and they are clean of its secrets', async () => {
  const { tools, input } = await stand();
  const run = taskRunner({
    tools,
    onBug: (_, error) => {
      throw error;
    },
    clean: (text) => text.replaceAll('open sesame', '[secret]'),
  });
  const attempt = { effect: mark.effect, generation: 1, attempt: 1, kind: 'migrate' as const, log: 'l' };
  const control = {
    signal: new AbortController().signal,
    leaseLeft: () => 60_000,
    progress: () => undefined,
  };
  const outcome = await settled(() => run({ ...attempt, input: input(mark, '3'), limit: 60_000 }, control));
  expect(outcome).toMatchObject({
    is: 'failed',
    failure: {
      fault: 'exited',
      sentence: expect.stringContaining('exit code 3'),
      lines: ['connecting with [secret]'],
    },
  });
});
