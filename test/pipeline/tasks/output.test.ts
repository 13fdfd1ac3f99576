import { expect, it } from 'vitest';
import { redaction } from '../../../src/ops/log.ts';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { output } from '../../../src/pipeline/tasks/output.ts';
import { taskRunner } from '../../../src/pipeline/worker.ts';
import { fakeCloud, fakeProvider } from '../../support/fake-provider.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';

const instance = (id: string): Instance => ({
  provider: 'fake',
  id,
  address: `http://${id}`,
  effect: id,
  generation: 1,
});
const input = {
  provider: 'fake',
  instances: [instance('one'), instance('two')],
  settings: { GREETING: { value: 'hello' }, TOKEN: { secret: 'env:TOKEN' } },
  lines: 5,
};
const token = 'token-2718281828';

/** A worker that has started nothing: it learns the secret only by reading it. */
function bench() {
  const { hide, clean } = redaction();
  const cloud = {
    ...fakeProvider(fakeCloud(() => 1_000, 0)),
    logs: async ({ id }: Instance) => [`${id} was given ${token}`],
  };
  const secret = async () => {
    hide(token);
    return token;
  };
  return { tools: taskTools(cloud, { secret }), clean, cloud };
}

it('the last lines of every instance are read, without the secrets that stand in them', async () => {
  const { tools, clean } = bench();
  const run = taskRunner({ tools, clean, onBug: () => undefined });
  const attempt = { effect: 'output.hello.dev', generation: 1, attempt: 1, kind: 'output' as const };
  const outcome = await run(
    { ...attempt, input, limit: 30_000, log: 'hello.dev.upkeep' },
    { signal: new AbortController().signal, leaseLeft: () => 60_000, progress: () => undefined },
  );
  expect(outcome).toEqual({
    is: 'done',
    result: {
      outputs: [
        { instance: 'one', lines: ['one was given [secret]'] },
        { instance: 'two', lines: ['two was given [secret]'] },
      ],
    },
  });
});

it('nothing is shown when a secret that might stand in it cannot be read', async () => {
  const { tools } = bench();
  const secret = async () => {
    throw new ProviderError('bad settings', 'The secret env:TOKEN is not there.');
  };
  await expect(output.run(input, { ...tools, secret }, taskCall().call)).rejects.toThrow('is not there');
});
