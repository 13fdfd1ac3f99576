import { expect, it } from 'vitest';
import type { Mark, Outcome } from '../../../src/pipeline/domain/task.ts';
import { inventory } from '../../../src/pipeline/tasks/inventory.ts';
import { reap } from '../../../src/pipeline/tasks/reap.ts';
import { fakeBalancer } from '../../support/fake-balancer.ts';
import { fakeCloud, fakeProvider } from '../../support/fake-provider.ts';
import { freeCall } from '../../support/settle.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';

const frontend = { slot: 'hello.production', port: 1 };

async function cloudWith(...effects: string[]) {
  let now = 1_000;
  const provider = fakeProvider(fakeCloud(() => now, 0));
  const balancer = fakeBalancer(() => now);
  const markOf = (effect: string): Mark => ({
    owner: 'us',
    service: 'hello',
    version: 1,
    environment: 'production',
    effect,
    generation: 1,
    epoch: 0,
  });
  const recipe = { base: '', packages: [], start: ['node', 'deaf.js'] };
  const made = { package: { digest: 'sha256:p', size: 1, name: 'p.tar' }, packageFile: '/dev/null' };
  const baked = await provider.bake(
    { ...made, recipe, files: new Map(), sha: 'a', mark: markOf('bake') },
    freeCall(),
  );
  if (!baked.ready) throw new Error('not baked');
  const spec = { start: recipe.start, health: { path: '/', within: 1_000 }, grace: 500, settings: {} };
  for (const effect of effects) {
    const order = { image: baked.value, spec, environment: {}, mark: markOf(effect) };
    const reply = await provider.launch(order, freeCall());
    if (reply.ready) await balancer.attach(frontend, reply.value, { path: '/' }, 3, freeCall());
  }
  const tools = taskTools(provider, { balancer: () => balancer, now: () => now });
  const input = {
    provider: 'fake',
    owner: 'us',
    made: effects.map((effect) => ({ effect, generation: 1 })),
    slots: [{ balancer: 'fake', frontend }],
    grace: 500,
  };
  const listed = async () =>
    (await provider.list('us', freeCall())).filter(({ what }) => what === 'instance').map(({ id }) => id);
  /** Attempts until it is over, with what was known thrown away or not. */
  async function finish(forget: boolean): Promise<Outcome<'reap'>> {
    let known: unknown;
    for (;;) {
      const outcome = await reap.run(input, tools, taskCall(forget ? {} : { known }).call);
      if (outcome.is !== 'not yet') return outcome;
      known = outcome.known;
      now += outcome.again;
    }
  }
  return { provider, balancer, tools, input, listed, finish };
}

it.each([true, false])('leftovers leave the balancer and end, whatever is known (%s)', async (forget) => {
  const { balancer, listed, finish } = await cloudWith('one', 'two');
  const ids = await listed();
  const outcome = await finish(forget);
  expect(outcome).toMatchObject({ is: 'done', result: { inUse: [] } });
  expect(outcome.is === 'done' && outcome.result.removed.map(({ id }) => id)).toEqual(ids);
  expect(await listed()).toEqual([]);
  expect(await balancer.members(frontend, freeCall())).toMatchObject({ epoch: 3, members: [] });
});

it('none is ended when one of them has traffic', async () => {
  const { balancer, listed, finish } = await cloudWith('one', 'two');
  const [first = '', second = ''] = await listed();
  await balancer.shift(frontend, { [first]: 100 }, 3, freeCall());
  expect(await finish(false)).toEqual({
    is: 'done',
    result: { provider: 'fake', removed: [], inUse: [first] },
  });
  expect(await listed()).toEqual([first, second]);
});

it('none is ended when a cloud says of one that it has traffic', async () => {
  const { provider, tools, input, listed } = await cloudWith('one', 'two');
  const [first = '', second = ''] = await listed();
  const list = async (...given: Parameters<typeof provider.list>) =>
    (await provider.list(...given)).map((one) => (one.id === second ? { ...one, serving: true } : one));
  const told = { ...tools, provider: () => ({ ...provider, list }) };
  expect(await reap.run(input, told, taskCall().call)).toEqual({
    is: 'done',
    result: { provider: 'fake', removed: [], inUse: [second] },
  });
  expect(await listed()).toEqual([first, second]);
});

it('what is listed behind an instance stands in front of it, and is ended before it', async () => {
  const { provider, tools, input, listed } = await cloudWith('one', 'two');
  const ended: string[] = [];
  const terminate: typeof provider.terminate = (id, ...given) => {
    ended.push(id);
    return provider.terminate(id, ...given);
  };
  const ids = await listed();
  await reap.run(input, { ...tools, provider: () => ({ ...provider, terminate }) }, taskCall().call);
  expect(ended).toEqual(ids.toReversed());
});

it('an inventory shows all that carries the owner’s mark', async () => {
  const { tools, listed } = await cloudWith('one');
  const outcome = await inventory.run({ provider: 'fake', owner: 'us' }, tools, taskCall().call);
  const found = outcome.is === 'done' ? outcome.result.found : [];
  expect(found.map(({ what, mark }) => [what, mark.effect])).toEqual([
    ['image', 'bake'],
    ['instance', 'one'],
  ]);
  expect(found[1]?.id).toBe((await listed())[0]);
});
