import { expect } from 'vitest';
import { freeCall, settle } from '../support/settle.ts';
import { faultOf, health, type Proofs } from './provider-bench.ts';

/** What is baked, found again, published and removed. */
export const imageProofs = {
  'the same inputs give the same image, and no second bake': async ({ bake }) => {
    const [first, second] = [await bake(), await bake()];
    expect(first.reused).toBe(false);
    expect(second).toEqual({ ...first, reused: true });
  },
  'another package gives another image': async ({ bake }) => {
    const [first, second] = [await bake('one'), await bake('two')];
    expect(second.id).not.toBe(first.id);
    expect(second.digest).not.toBe(first.digest);
  },
  'two copies of a bake at once end with one image': async ({
    bakeOrder,
    another,
    provider,
    owner,
    wait,
  }) => {
    const order = await bakeOrder();
    const copies = [provider, another()].map((copy) => settle(() => copy.bake(order, freeCall()), wait));
    const [first, second] = await Promise.all(copies);
    expect(second?.id).toBe(first?.id);
    expect(await provider.list(owner, freeCall())).toEqual([
      { what: 'image', id: first?.id, mark: order.mark },
    ]);
  },
  'a bake whose answer was lost is adopted, not taken for a reuse': async ({
    bakeOrder,
    provider,
    another,
    wait,
  }) => {
    const order = await bakeOrder();
    const first = await settle(() => provider.bake(order, freeCall()), wait);
    expect(await settle(() => another().bake(order, freeCall()), wait)).toEqual(first);
  },
  'a recipe that the provider cannot make is denied with a sentence': async (on) => {
    const recipe = { base: on.base, packages: ['no-such-package-anywhere'], start: on.start.serves };
    const order = await on.bakeOrder('content', { recipe });
    const error = await faultOf(settle(() => on.provider.bake(order, freeCall()), on.wait));
    expect(error.fault).toBe('denied');
    expect(error.message).toContain('no-such-package-anywhere');
  },
  'removing an image makes it unknown, and again is fine': async (on) => {
    const image = await on.bake();
    for (const _twice of [1, 2]) await settle(() => on.provider.removeImage(image.id, freeCall()), on.wait);
    expect(await on.provider.list(on.owner, freeCall())).toEqual([]);
    expect((await faultOf(on.launch(on.launchOrder(image, on.start.serves)))).fault).toBe('unknown image');
  },
  'an image that was removed is made again from the same inputs': async (on) => {
    const image = await on.bake();
    await settle(() => on.provider.removeImage(image.id, freeCall()), on.wait);
    const again = await on.bake();
    expect(again.reused).toBe(false);
    const instance = await on.launch(on.launchOrder(again, on.start.serves));
    expect((await on.provider.inspect(instance, health, freeCall())).state).toBe('running');
  },
  'an image that is made again has the same digest': async (on) => {
    const image = await on.bake();
    await settle(() => on.provider.removeImage(image.id, freeCall()), on.wait);
    expect(await on.bake()).toEqual(image);
  },
  'an image that is there as it was baked is inspected as present': async (on) => {
    expect(await on.another().inspectImage(await on.bake(), freeCall())).toEqual({ state: 'present' });
  },
  'an image that was removed is inspected as gone, without an error': async (on) => {
    const image = await on.bake();
    await settle(() => on.provider.removeImage(image.id, freeCall()), on.wait);
    expect(await on.provider.inspectImage(image, freeCall())).toMatchObject({ state: 'gone' });
  },
  'publishing an image is ready with its copies, and again is fine': async (on) => {
    const image = await on.bake();
    const mark = on.mark({ effect: 'publish.hello.v1' });
    const publish = () => settle(() => on.provider.publish(image, mark, freeCall()), on.wait);
    expect(await publish()).toEqual(await publish());
    expect(await on.provider.inspectImage(image, freeCall())).toEqual({ state: 'present' });
    await settle(() => on.provider.removeImage(image.id, freeCall()), on.wait);
    expect((await faultOf(publish())).fault).toBe('unknown image');
  },
} satisfies Proofs;
