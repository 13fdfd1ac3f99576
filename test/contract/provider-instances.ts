import { expect } from 'vitest';
import { freeCall, settle } from '../support/settle.ts';
import { faultOf, health, instances, type Proofs } from './provider-bench.ts';

/** What is known of instances that are there, and how they end. */
export const instanceProofs = {
  'logs gives the last lines, oldest first': async (on) => {
    const instance = await on.launch(on.launchOrder(await on.bake(), on.start.serves));
    expect(await on.provider.logs(instance, 2, freeCall())).toEqual(['warm', 'open']);
    expect(await on.provider.logs(instance, 1, freeCall())).toEqual(['open']);
  },
  'terminate is ready when the instance is gone, and again is fine': async (on) => {
    const instance = await on.launch(on.launchOrder(await on.bake(), on.start.serves));
    await on.terminate(instance.id);
    await on.terminate(instance.id);
    await on.terminate('instance-that-never-was');
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'an instance that ignores SIGTERM is ended by force after its grace': async (on) => {
    const instance = await on.launch(on.launchOrder(await on.bake(), on.start.ignoresSigterm));
    expect((await on.provider.terminate(instance.id, 400, freeCall())).ready).toBe(false);
    expect((await on.provider.inspect(instance, health, freeCall())).state).toBe('running');
    await on.terminate(instance.id, 400);
    expect((await on.provider.inspect(instance, health, freeCall())).state).toBe('gone');
  },
  'an instance told to end is not started again by a late copy of its launch': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.serves);
    const { id } = await on.launch(order);
    await on.terminate(id);
    expect((await faultOf(on.launch(order, on.another()))).fault).toBe('unexpected state');
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'an instance that is gone is inspected as gone, without an error': async (on) => {
    const instance = await on.launch(on.launchOrder(await on.bake(), on.start.serves));
    await on.terminate(instance.id);
    const gone = expect.objectContaining({ state: 'gone', healthy: false });
    expect(await on.provider.inspect(instance, health, freeCall())).toEqual(gone);
    expect(await on.provider.inspect({ ...instance, id: 'never-was' }, health, freeCall())).toEqual(gone);
    expect(await on.provider.logs(instance, 5, freeCall())).toEqual([]);
  },
  'list shows all images and instances of its owner with their marks, and nobody else': async (on) => {
    const images = [await on.bakeOrder('one'), await on.bakeOrder('two')];
    const [image] = await Promise.all(
      images.map((order) => settle(() => on.provider.bake(order, freeCall()), on.wait)),
    );
    if (image === undefined) throw new Error('nothing was baked');
    const orders = [1, 2].map(() => on.launchOrder(image, on.start.serves));
    const made = await Promise.all(orders.map((order) => on.launch(order)));
    const listed = await on.another().list(on.owner, freeCall());
    const marks = [...images, ...orders].map(({ mark }) => mark.effect).sort();
    expect(listed.map(({ mark }) => mark.effect).sort()).toEqual(marks);
    expect(
      listed
        .flatMap(({ instance }) => instance ?? [])
        .map(({ id }) => id)
        .sort(),
    ).toEqual(made.map(({ id }) => id).sort());
    expect(await on.provider.list('somebody-else', freeCall())).toEqual([]);
  },
} satisfies Proofs;
