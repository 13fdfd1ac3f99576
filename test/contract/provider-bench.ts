import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Image } from '../../src/pipeline/domain/image.ts';
import type { Instance } from '../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../src/pipeline/domain/task.ts';
import {
  type BakeOrder,
  type LaunchOrder,
  type Provider,
  ProviderError,
} from '../../src/pipeline/provider.ts';
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

/** One test's view of a cloud: orders that work, with an owner of their own. */
export const providerBench = (rig: ProviderRig) => {
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

export type ProviderBench = ReturnType<typeof providerBench>;

/** Each title is a promise, and what is tested is behind it. */
export type Proofs = Record<string, (on: ProviderBench) => Promise<void>>;

export const health = { path: '/healthz' };

export const instances = async (provider: Provider, owner: string): Promise<string[]> =>
  (await provider.list(owner, freeCall())).filter(({ what }) => what === 'instance').map(({ id }) => id);

export const faultOf = async (work: Promise<unknown>): Promise<ProviderError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProviderError) return error;
  throw new Error(`expected a ProviderError, got ${String(error)}`);
};
