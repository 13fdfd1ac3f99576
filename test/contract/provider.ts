import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../src/pipeline/domain/image.ts';
import type { Instance } from '../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../src/pipeline/domain/task.ts';
import {
  type BakeOrder,
  type LaunchOrder,
  type Provider,
  ProviderError,
} from '../../src/pipeline/provider.ts';
import { runScript } from '../support/run-script.ts';
import { freeCall, settle } from '../support/settle.ts';

/** A cloud to run the suite on. Each test asks for a new one; owners are random, so that a shared cloud is fine. */
export interface ProviderRig {
  provider: Provider;
  /** Another worker's view of the same cloud, sharing nothing else with the first. */
  another(): Provider;
  /** A package that the cloud can bake: its file and its description. Other `content`, other package. */
  package(content: string): Promise<Pick<BakeOrder, 'package' | 'packageFile'>>;
  /** What `start` is for each behaviour, when the image holds such a package. */
  start: {
    serves: string[];
    exits: string[];
    endsWell: string[];
    migrates: string[];
    servesItsTable: string[];
    neverHealthy: string[];
    ignoresSigterm: string[];
  };
  base: string;
  /** What else stands in the environment of who runs a script, where the cloud's own account is told by it. */
  scriptEnvironment?: Record<string, string>;
  /** Lets time pass for provider and suite: really waiting, or stepping a clock. */
  wait(ms: number): Promise<void>;
}

export const promises = [
  'the same inputs give the same image, and no second bake',
  'another package gives another image',
  'two copies of a bake at once end with one image',
  'a bake whose answer was lost is adopted, not taken for a reuse',
  'launch is ready when the instance is healthy, and inspect agrees',
  'two copies of a launch at once end with one instance',
  'a launch whose answer was lost is adopted by another worker',
  'another generation is another instance',
  'an instance that ends by itself is the fault "exited", with its last lines',
  'a command that runs once is ready when it ended well, and is not run again',
  'a command that runs once and ends badly is the fault "exited", with its last lines',
  'a command that takes longer than it may is the fault "timeout", and is ended like an instance',
  'an instance that is never healthy is the fault "unhealthy", with its last lines',
  'a failed launch is not removed: it is listed until it is terminated',
  'an image that is not there is the fault "unknown image"',
  'logs gives the last lines, oldest first',
  'terminate is ready when the instance is gone, and again is fine',
  'an instance that ignores SIGTERM is ended by force after its grace',
  'an instance told to end is not started again by a late copy of its launch',
  'an instance that is gone is inspected as gone, without an error',
  'removing an image makes it unknown, and again is fine',
  'an image that was removed is made again from the same inputs',
  'an image that is made again has the same digest',
  'an image that is there as it was baked is inspected as present',
  'an image that was removed is inspected as gone, without an error',
  'publishing an image is ready with its copies, and again is fine',
  'its script starts an instance without Bakery, which is listed under its mark',
  'list shows all images and instances of its owner with their marks, and nobody else',
  'an effect that has no time left is not begun',
  'a recipe that the provider cannot make is denied with a sentence',
] as const;

export type ProviderPromise = (typeof promises)[number];

const instances = async (provider: Provider, owner: string): Promise<string[]> =>
  (await provider.list(owner, freeCall())).filter(({ what }) => what === 'instance').map(({ id }) => id);

const faultOf = async (work: Promise<unknown>): Promise<ProviderError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProviderError) return error;
  throw new Error(`expected a ProviderError, got ${String(error)}`);
};

/** One test's view of a cloud: orders that work, with an owner of their own. */
const bench = (rig: ProviderRig) => {
  // A run on a cloud that costs money knows all that it made by one prefix.
  const owner = `${process.env.BAKERY_TEST_OWNER ?? 'owner'}-${randomBytes(6).toString('hex')}`;
  const mark = (over: Partial<Mark> = {}): Mark => ({
    owner,
    service: 'hello',
    version: 1,
    environment: 'staging',
    effect: `effect-${randomBytes(6).toString('hex')}`,
    generation: 1,
    epoch: 0,
    ...over,
  });
  const bakeOrder = async (content = 'content', over: Partial<BakeOrder> = {}): Promise<BakeOrder> => ({
    ...(await rig.package(content)),
    recipe: { base: rig.base, packages: [], start: rig.start.serves },
    files: new Map(),
    sha: 'a'.repeat(40),
    mark: mark(),
    ...over,
  });
  const bake = async (content?: string, provider = rig.provider): Promise<Image> => {
    const order = await bakeOrder(content);
    return settle(() => provider.bake(order, freeCall()), rig.wait);
  };
  const launchOrder = (image: Image, start: string[], over: Partial<LaunchOrder> = {}): LaunchOrder => ({
    image,
    spec: { start, health: { path: '/healthz', within: 10_000 }, grace: 500, settings: {} },
    environment: { GREETING: 'Hello' },
    mark: mark(),
    ...over,
  });
  const launch = (order: LaunchOrder, provider = rig.provider): Promise<Instance> =>
    settle(() => provider.launch(order, freeCall()), rig.wait);
  const terminate = (id: string, grace = 500): Promise<void> =>
    settle(() => rig.provider.terminate(id, grace, freeCall()), rig.wait);
  const end = async (): Promise<void> => {
    for (const marked of await rig.provider.list(owner, freeCall())) {
      if (marked.what === 'image')
        await settle(() => rig.provider.removeImage(marked.id, freeCall()), rig.wait);
      else await terminate(marked.id, 0);
    }
    expect(await rig.provider.list(owner, freeCall())).toEqual([]);
  };
  return { ...rig, owner, mark, bakeOrder, bake, launchOrder, launch, terminate, end };
};

type Bench = ReturnType<typeof bench>;

const onceOrder = (on: Bench, image: Image, argv: string[], within = 20_000): LaunchOrder => {
  const order = on.launchOrder(image, argv);
  return { ...order, spec: { ...order.spec, once: true, health: { path: '/', within } } };
};

const health = { path: '/healthz' };

const proofs: Record<ProviderPromise, (on: Bench) => Promise<void>> = {
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
  'a command that runs once is ready when it ended well, and is not run again': async (on) => {
    const order = onceOrder(on, await on.bake(), on.start.endsWell);
    const [first, second] = [await on.launch(order), await on.launch(order, on.another())];
    expect(second).toEqual(first);
    expect(await on.provider.logs(first, 10, freeCall())).toEqual(['milled']);
    expect(await instances(on.provider, on.owner)).toEqual([first.id]);
    await on.terminate(first.id);
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'a command that runs once and ends badly is the fault "exited", with its last lines': async (on) => {
    const order = onceOrder(on, await on.bake(), on.start.exits);
    const [error, again] = [await faultOf(on.launch(order)), await faultOf(on.launch(order))];
    expect([error.fault, again.fault]).toEqual(['exited', 'exited']);
    expect(error.message).toContain('exit code 3');
    expect(error.lines).toEqual(['out of flour']);
  },
  'a command that takes longer than it may is the fault "timeout", and is ended like an instance': async (
    on,
  ) => {
    const order = onceOrder(on, await on.bake(), on.start.neverHealthy, 500);
    expect((await faultOf(on.launch(order))).fault).toBe('timeout');
    const [id = ''] = await instances(on.provider, on.owner);
    await on.terminate(id);
    expect(await instances(on.provider, on.owner)).toEqual([]);
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
  'an effect that has no time left is not begun': async (on) => {
    const order = on.launchOrder(await on.bake(), on.start.serves);
    const ensureTime = (): never => {
      throw new ProviderError('fenced', 'no time is left');
    };
    expect((await faultOf(on.provider.launch(order, freeCall({ ensureTime })))).fault).toBe('fenced');
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'a recipe that the provider cannot make is denied with a sentence': async (on) => {
    const recipe = { base: on.base, packages: ['no-such-package-anywhere'], start: on.start.serves };
    const order = await on.bakeOrder('content', { recipe });
    const error = await faultOf(settle(() => on.provider.bake(order, freeCall()), on.wait));
    expect(error.fault).toBe('denied');
    expect(error.message).toContain('no-such-package-anywhere');
  },
};

/**
 * What every provider promises; the titles are the promises. A gap names the promise that a provider cannot keep,
 * and why: it becomes a test that the gap is a real promise, with the reason in its title.
 */
export const providerContract = (
  name: string,
  make: () => Promise<ProviderRig>,
  gaps: Partial<Record<ProviderPromise, string>> = {},
): void => {
  describe(`provider contract: ${name}`, () => {
    for (const title of promises) {
      const gap = gaps[title];
      if (gap !== undefined) {
        test(`gap (${gap}): ${title}`, () => expect(promises).toContain(title));
        continue;
      }
      test(title, async () => {
        const on = bench(await make());
        onTestFinished(on.end);
        await proofs[title](on);
        await on.end();
      });
    }
    test('every declared gap names a promise', () => {
      for (const gap of Object.keys(gaps)) expect(promises).toContain(gap);
    });
  });
};
