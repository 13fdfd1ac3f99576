import { expect, it } from 'vitest';
import type { HttpCheck } from '../../../src/pipeline/domain/service-file.ts';
import type { Mark, Outcome, TaskResults } from '../../../src/pipeline/domain/task.ts';
import { check } from '../../../src/pipeline/tasks/check.ts';
import { rehearse } from '../../../src/pipeline/tasks/rehearse.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { services, start } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const mark = (effect: string): Mark => ({
  ...{ owner: 'us', service: 'hello', version: 41, environment: 'production' },
  ...{ effect, generation: 1, epoch: 0 },
});

async function bench() {
  const provider = localProvider({ root: tempFolder(), keep: async () => {}, now: Date.now });
  const packed = await tarOf(tempFolder(), services);
  const recipe = { base: '', packages: [], start: start.serves };
  const order = { ...packed, recipe, files: new Map(), sha: 'a', mark: mark('bake') };
  const image = await settle(() => provider.bake(order, freeCall()));
  const tools = taskTools(provider);
  async function finish(program: string[], checks: HttpCheck[]): Promise<TaskResults['rehearse']> {
    const health = { path: '/healthz', within: 1_000 };
    const spec = { start: program, health, grace: 200, settings: {} };
    const input = { provider: 'local', image, spec, mark: mark('rehearse'), checks };
    let known: unknown;
    return settle(async () => {
      const outcome: Outcome<'rehearse'> = await rehearse.run(input, tools, taskCall({ known }).call);
      if (outcome.is === 'done') return { ready: true, value: outcome.result };
      if (outcome.is === 'failed') throw new Error(outcome.failure.sentence);
      known = outcome.known;
      return { ready: false, again: outcome.again };
    });
  }
  const running = async () =>
    (await provider.list('us', freeCall())).filter(({ what }) => what === 'instance').length;
  return { provider, image, tools, finish, running };
}

it('a rehearsal starts the version, asks it, tells how long it took, and leaves nothing', async () => {
  const { finish, running } = await bench();
  const result = await finish(start.serves, [{ path: '/', status: 200, contains: 'ok' }]);
  expect(result).toMatchObject({ version: 41, passed: true });
  expect(result.startedIn).toBeGreaterThan(0);
  expect(await running()).toBe(0);
});

it.each([
  ['ends by itself', start.exits, [], /ended by itself/],
  ['is never healthy', start.neverHealthy, [], /not healthy within/],
  ['answers otherwise', start.serves, [{ path: '/', status: 201 }], /answered 200, not 201/],
])('a rehearsal of what %s says so, and leaves nothing', async (_what, program, checks, because) => {
  const { finish, running } = await bench();
  const result = await finish(program, checks);
  expect(result).toMatchObject({ passed: false, because: expect.stringMatching(because) });
  expect(await running()).toBe(0);
});

it('a check tells whether the image is still there', async () => {
  const { provider, image, tools } = await bench();
  const look = () => check.run({ provider: 'local', image, version: 41 }, tools, taskCall().call);
  expect(await look()).toEqual({ is: 'done', result: { version: 41, state: 'present' } });
  await settle(() => provider.removeImage(image.id, freeCall()));
  expect(await look()).toMatchObject({ is: 'done', result: { state: 'gone' } });
});
