import type { Image } from '../../pipeline/domain/image.ts';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import {
  type Call,
  type InstanceReport,
  type Marked,
  notYet,
  type Provider,
  ProviderError,
  ready,
} from '../../pipeline/provider.ts';
import { sameEffect } from './books.ts';
import type { Wire } from './request.ts';

interface Look {
  state: 'starting' | 'running' | 'gone';
  healthy: boolean;
  age?: Millis;
  ending: boolean;
}

/** The provider of the faulty cloud, whose waits are divided by `haste`: it looks, makes, lists again, keeps the first one made and removes the rest. */
export function faultyProvider(wire: Wire, haste: number, name = 'faulty'): Provider {
  // Answers are the cloud's own, in the shapes of its requests.
  const ask = <T>(...given: Parameters<Wire['ask']>): Promise<T> => wire.ask(...given) as Promise<T>;
  const list = (owner: string, call: Call): Promise<Marked[]> => ask({ do: 'list', owner }, call);
  const look = (instance: string, call: Call): Promise<Look> => ask({ do: 'look', instance }, call);
  const end = async (instance: string, call: Call): Promise<boolean> => {
    call.ensureTime(wire.limit);
    return (await ask<{ gone: boolean }>({ do: 'end instance', instance }, call)).gone;
  };
  const mine = async (mark: Mark, call: Call): Promise<Instance[]> =>
    (await list(mark.owner, call))
      .flatMap((one) => (one.instance !== undefined && sameEffect(one.mark, mark) ? [one.instance] : []))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    name,
    bake: async ({ package: made, recipe, sha, mark }, call) => {
      call.ensureTime(wire.limit);
      const order = { package: made, recipe, sha, mark };
      const { image, ready: isReady } = await ask<{ image: Image; ready: boolean }>(
        { do: 'make image', order },
        call,
      );
      return isReady ? ready(image) : notYet(1_000 / haste, 'the image is being made');
    },
    launch: async ({ image, spec, mark }, call) => {
      let [first, ...surplus] = await mine(mark, call);
      if (first === undefined) {
        call.ensureTime(wire.limit);
        const made = await ask<Instance>({ do: 'make instance', image: image.id, mark }, call);
        [first = made, ...surplus] = await mine(mark, call);
      }
      for (const { id } of surplus) await end(id, call);
      const { state, healthy, age = 0, ending } = await look(first.id, call);
      if (state === 'gone' || ending)
        throw new ProviderError('unexpected state', `${first.id} was told to end.`);
      if (healthy) return ready(first);
      if (age <= spec.health.within) return notYet(500 / haste, `${first.id} is ${state}`);
      throw new ProviderError('unhealthy', `${first.id} was not healthy within ${spec.health.within} ms.`);
    },
    inspect: async ({ id }, _health, call): Promise<InstanceReport> => {
      const { state, healthy } = await look(id, call);
      return healthy ? { state, healthy } : { state, healthy, because: `it is ${state}` };
    },
    logs: async () => [],
    terminate: async (id, _grace, call) => ((await end(id, call)) ? ready(undefined) : notYet(500 / haste)),
    inspectImage: async ({ id }, call) => {
      const there = await ask<boolean>({ do: 'look at image', image: id }, call);
      return { state: there ? 'present' : 'gone' };
    },
    publish: async ({ id }, _mark, call) => {
      call.ensureTime(wire.limit);
      const { copies, ready: isReady } = await ask<{ copies: string[]; ready: boolean }>(
        { do: 'publish image', image: id },
        call,
      );
      return isReady ? ready(copies) : notYet(1_000 / haste, 'the image is being copied');
    },
    removeImage: async (image, call) => {
      call.ensureTime(wire.limit);
      await ask({ do: 'remove image', image }, call);
      return ready(undefined);
    },
    list,
    readsSecret: () => false,
    launchScript: () => [],
  };
}
