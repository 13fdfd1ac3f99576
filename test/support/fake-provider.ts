import { createHash } from 'node:crypto';
import type { Image } from '../../src/pipeline/domain/image.ts';
import type { Instance } from '../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../src/pipeline/domain/task.ts';
import { type Marked, notYet, type Provider, ProviderError, ready } from '../../src/pipeline/provider.ts';

interface FakeInstance {
  instance: Instance;
  mark: Mark;
  startedAt: number;
  behaviour: Behaviour;
  lines: string[];
  stoppingAt?: number;
  gone: boolean;
}

type Behaviour = 'serves' | 'ends well' | 'exits' | 'never healthy' | 'deaf';

/** The state that all views of one fake cloud share. */
export interface FakeCloud {
  images: Map<string, { image: Image; marks: { mark: Mark; made: boolean }[] }>;
  instances: Map<string, FakeInstance>;
  now(): number;
  /** Milliseconds from launch to healthy. */
  startup: number;
}

export const fakeCloud = (now: () => number, startup = 100): FakeCloud => ({
  images: new Map(),
  instances: new Map(),
  now,
  startup,
});

const behaviours: Record<string, { behaviour: Behaviour; lines: string[] }> = {
  'migrate.js': { behaviour: 'ends well', lines: ['milled'] },
  'exit.js': { behaviour: 'exits', lines: ['out of flour'] },
  'cold.js': { behaviour: 'never healthy', lines: ['the oven stays cold'] },
  'deaf.js': { behaviour: 'deaf', lines: [] },
};

const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;
const sameMark = (one: Mark, other: Mark): boolean =>
  one.owner === other.owner && one.effect === other.effect && one.generation === other.generation;
const idOf = (mark: Mark): string =>
  `fake-${digestOf([mark.owner, mark.effect, mark.generation]).slice(7, 19)}`;

const reportOf = (cloud: FakeCloud, it: FakeInstance | undefined): ReturnType<Provider['inspect']> => {
  if (it === undefined || it.gone)
    return Promise.resolve({ state: 'gone', healthy: false, because: 'it is not there' });
  if (it.behaviour === 'exits')
    return Promise.resolve({ state: 'exited', healthy: false, because: 'it has ended' });
  const warm = cloud.now() >= it.startedAt + cloud.startup;
  if (it.behaviour === 'never healthy' || !warm) {
    return Promise.resolve({ state: 'starting', healthy: false, because: 'it is cold' });
  }
  return Promise.resolve({ state: 'running', healthy: true });
};

/** How a command that runs to its end has ended, if it has. */
const endOf = (
  { now }: FakeCloud,
  { behaviour, instance, startedAt, lines }: FakeInstance,
  within: number,
) => {
  if (behaviour === 'ends well') return ready(instance);
  if (behaviour === 'exits') throw new ProviderError('exited', 'It ended with exit code 3.', { lines });
  if (now() - startedAt <= within) return notYet(50, 'it is at work');
  throw new ProviderError('timeout', 'It did not end in time.', { lines });
};

/**
 * A cloud in memory that passes the provider contract. The program in `start[1]` chooses how an instance behaves:
 * `exit.js`, `cold.js`, `deaf.js`; anything else serves (it answers nothing: there is no such address).
 */
export const fakeProvider = (cloud: FakeCloud, name = 'fake'): Provider => {
  const bake: Provider['bake'] = async (order, call) => {
    if (order.recipe.packages.length > 0) {
      throw new ProviderError('denied', `The fake cannot install ${order.recipe.packages.join(', ')}.`);
    }
    const digest = digestOf([order.package.digest, order.recipe]);
    const id = `fake-image-${digest.slice(7, 19)}`;
    const known = cloud.images.get(id);
    const mine = known?.marks.find(({ mark }) => sameMark(mark, order.mark));
    if (known !== undefined) {
      if (mine === undefined) known.marks.push({ mark: order.mark, made: false });
      return ready({ ...known.image, reused: mine?.made !== true });
    }
    call.ensureTime(1_000);
    const image: Image = {
      provider: name,
      id,
      digest,
      manifest: digestOf(id),
      size: order.package.size,
      reused: false,
    };
    cloud.images.set(id, { image, marks: [{ mark: order.mark, made: true }] });
    return ready(image);
  };

  const launch: Provider['launch'] = async ({ image, spec, mark }, call) => {
    if (!cloud.images.has(image.id)) throw new ProviderError('unknown image', `${image.id} is not there.`);
    const id = idOf(mark);
    let it = cloud.instances.get(id);
    if (it?.stoppingAt !== undefined) throw new ProviderError('unexpected state', 'It was told to end.');
    if (it === undefined) {
      call.ensureTime(1_000);
      const { behaviour, lines } = behaviours[spec.start[1] ?? ''] ?? {
        behaviour: 'serves',
        lines: ['warm', 'open'],
      };
      const { effect, generation } = mark;
      const instance = { provider: name, id, address: `http://${id}.invalid`, effect, generation };
      it = { instance, mark, startedAt: cloud.now(), behaviour, lines, gone: false };
      cloud.instances.set(id, it);
    }
    if (spec.once === true) return endOf(cloud, it, spec.health.within);
    const report = await reportOf(cloud, it);
    if (report.healthy) return ready(it.instance);
    if (report.state === 'exited')
      throw new ProviderError('exited', 'It ended by itself.', { lines: it.lines });
    if (cloud.now() - it.startedAt <= spec.health.within) return notYet(50, report.because);
    throw new ProviderError('unhealthy', 'It was never healthy.', { lines: it.lines });
  };

  const terminate: Provider['terminate'] = async (id, grace, call) => {
    const it = cloud.instances.get(id);
    if (it === undefined || it.gone) return ready(undefined);
    if (it.stoppingAt === undefined) call.ensureTime(1_000);
    it.stoppingAt ??= cloud.now();
    it.gone = it.behaviour !== 'deaf' || cloud.now() - it.stoppingAt >= Math.max(grace, 1);
    return it.gone ? ready(undefined) : notYet(50);
  };

  const list: Provider['list'] = async (owner) => {
    const images = [...cloud.images].flatMap(([id, { marks }]): Marked[] =>
      marks.map(({ mark }) => ({ what: 'image', id, mark })),
    );
    const instances = [...cloud.instances.values()]
      .filter((it) => !it.gone)
      .map(({ instance, mark }): Marked => ({ what: 'instance', id: instance.id, mark, instance }));
    return [...images, ...instances].filter(({ mark }) => mark.owner === owner);
  };

  return {
    name,
    bake,
    launch,
    terminate,
    list,
    inspect: ({ id }) => reportOf(cloud, cloud.instances.get(id)),
    logs: async ({ id }, lines) => {
      const it = cloud.instances.get(id);
      return it === undefined || it.gone ? [] : it.lines.slice(-lines);
    },
    inspectImage: async ({ id, digest }) => {
      const known = cloud.images.get(id);
      if (known === undefined) return { state: 'gone', because: 'it is not there' };
      return known.image.digest === digest
        ? { state: 'present' }
        : { state: 'changed', because: 'its digest is another' };
    },
    readsSecret: () => false,
    // Memory cannot be reached by a script: the contract of the fake declares this gap.
    launchScript: () => [`fail 'A cloud in memory has no script.'`],
    publish: async ({ id }) => {
      if (!cloud.images.has(id)) throw new ProviderError('unknown image', `${id} is not there.`);
      return ready([`far/${id}`]);
    },
    removeImage: async (id) => {
      cloud.images.delete(id);
      return ready(undefined);
    },
  };
};
