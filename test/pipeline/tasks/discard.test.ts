import { expect, it } from 'vitest';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import { discard } from '../../../src/pipeline/tasks/discard.ts';
import { fakeCloud, fakeProvider } from '../../support/fake-provider.ts';
import { freeCall } from '../../support/settle.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';

const provider = () => fakeProvider(fakeCloud(() => 1_000, 0));
const orderOf = (sha: string, service = 'hello'): BakeOrder => {
  const mark: Mark = {
    owner: 'us',
    service,
    version: 1,
    environment: 'verify',
    effect: `bake.${service}.${sha}`,
    generation: 1,
    epoch: 0,
  };
  const recipe = { base: '', packages: [], start: ['node', 'server.js'] };
  const made = { digest: `sha256:${sha}`, size: 1, name: 'p.tar' };
  return { package: made, packageFile: '/dev/null', recipe, files: new Map(), sha, mark };
};

async function bakedIn(cloud: ReturnType<typeof provider>, ...orders: BakeOrder[]): Promise<string[]> {
  const ids: string[] = [];
  for (const order of orders) {
    const reply = await cloud.bake(order, freeCall());
    if (!reply.ready) throw new Error('not baked');
    ids.push(reply.value.id);
  }
  return ids;
}

const order = (images: string[]) => ({ provider: 'fake', owner: 'us', service: 'hello', images });

it('images that nothing keeps are removed at the provider, and again is fine', async () => {
  const cloud = provider();
  const [one = '', two = '', kept = ''] = await bakedIn(cloud, orderOf('a'), orderOf('b'), orderOf('c'));
  const outcome = await discard.run(order([one, two]), taskTools(cloud), taskCall().call);
  expect(outcome.is === 'done' && outcome.result.removed.map(({ id }) => id)).toEqual([one, two]);
  const left = (await cloud.list('us', freeCall())).map(({ id }) => id);
  expect(left).toEqual([kept]);
  const again = await discard.run(order([one, two]), taskTools(cloud), taskCall().call);
  expect(again).toEqual({ is: 'done', result: { provider: 'fake', removed: [], inUse: [] } });
});

it('an image that is another service’s is left alone', async () => {
  const cloud = provider();
  const [theirs = ''] = await bakedIn(cloud, orderOf('a', 'checkout'));
  const outcome = await discard.run(order([theirs]), taskTools(cloud), taskCall().call);
  expect(outcome).toMatchObject({ is: 'done', result: { removed: [] } });
  expect((await cloud.list('us', freeCall())).map(({ id }) => id)).toEqual([theirs]);
});
