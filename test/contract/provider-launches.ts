import { expect } from 'vitest';
import { ProviderError } from '../../src/pipeline/provider.ts';
import { runScript } from '../support/run-script.ts';
import { freeCall } from '../support/settle.ts';
import { faultOf, health, instances, type Proofs } from './provider-bench.ts';

/** What becomes an instance, and what a launch that comes to nothing says. */
export const launchProofs = {
  'launch is ready when the instance is healthy, and inspect agrees': async (on) => {
    const instance = await on.launch(on.launchOrder(await on.bake(), on.start.serves));
    expect(await on.provider.inspect(instance, health, freeCall())).toEqual({
      state: 'running',
      healthy: true,
    });
    expect(instance.address).toMatch(/^http:\/\/[^/]+$/);
  },
  'two copies of a launch at once end with one instance': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.serves);
    const [first, second] = await Promise.all([on.launch(order), on.launch(order, on.another())]);
    expect(second).toEqual(first);
    expect(await instances(on.provider, on.owner)).toEqual([first.id]);
  },
  'a launch whose answer was lost is adopted by another worker': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.serves);
    await on.provider.launch(order, freeCall());
    const adopted = await on.launch(order, on.another());
    expect(await on.launch(order)).toEqual(adopted);
    expect(await instances(on.provider, on.owner)).toEqual([adopted.id]);
  },
  'another generation is another instance': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.serves);
    const first = await on.launch(order);
    const second = await on.launch({ ...order, mark: { ...order.mark, generation: 2 } });
    expect(second.id).not.toBe(first.id);
    expect([first.generation, second.generation]).toEqual([1, 2]);
  },
  'an instance that ends by itself is the fault "exited", with its last lines': async (on) => {
    const error = await faultOf(on.launch(on.launchOrder(await on.bake(), on.start.exits)));
    expect(error.fault).toBe('exited');
    expect(error.lines?.at(-1)).toContain('out of flour');
  },
  'an instance that is never healthy is the fault "unhealthy", with its last lines': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.neverHealthy);
    const spec = { ...order.spec, health: { path: '/healthz', within: 600 } };
    const error = await faultOf(on.launch({ ...order, spec }));
    expect(error.fault).toBe('unhealthy');
    expect(error.lines?.join()).toContain('the oven stays cold');
  },
  'a failed launch is not removed: it is listed until it is terminated': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.exits);
    await faultOf(on.launch(order));
    const [left, ...more] = await instances(on.provider, on.owner);
    expect(more).toEqual([]);
    await on.terminate(left ?? '');
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'an image that is not there is the fault "unknown image"': async (on) => {
    const image = await on.bake();
    const order = on.launchOrder({ ...image, id: `${image.id}0` }, on.start.serves);
    expect((await faultOf(on.launch(order))).fault).toBe('unknown image');
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'an effect that has no time left is not begun': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.serves);
    const ensureTime = (): never => {
      throw new ProviderError('fenced', 'no time is left');
    };
    expect((await faultOf(on.provider.launch(order, freeCall({ ensureTime })))).fault).toBe('fenced');
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'its script starts an instance without Bakery, which is listed under its mark': async (on) => {
    const { image, spec, mark, environment } = on.launchOrder(await on.bake(), on.start.serves);
    const lines = on.provider.launchScript({ image, spec, variables: Object.keys(environment), mark });
    const given = { ...on.scriptEnvironment, ...environment };
    const first = await runScript([...lines, 'say "$instance $address"'], given);
    const [id = '', address = ''] = first.trim().split(' ');
    const made = { provider: on.provider.name, id, address, effect: mark.effect, generation: 1 };
    await expect
      .poll(() => on.provider.inspect(made, health, freeCall()), { timeout: 60_000 })
      .toEqual({ state: 'running', healthy: true });
    // A second run finds what the first one made.
    expect(await runScript([...lines, 'say "$instance $address"'], given)).toBe(first);
    const listed = (await on.another().list(on.owner, freeCall())).filter(({ what }) => what === 'instance');
    expect(listed.map((one) => [one.id, one.mark, one.instance?.address])).toEqual([[id, mark, address]]);
    await on.terminate(id);
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
} satisfies Proofs;
