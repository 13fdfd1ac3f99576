import type { Image } from '../../src/pipeline/domain/image.ts';
import type { Instance } from '../../src/pipeline/domain/instance.ts';
import { faultyBalancer } from '../../src/selftest/cloud/balancer.ts';
import { FaultyCloud } from '../../src/selftest/cloud/faulty-cloud.ts';
import { faultyProvider } from '../../src/selftest/cloud/provider.ts';
import { type BalancerRig, balancerContract } from '../contract/balancer.ts';
import { type ProviderPromise, type ProviderRig, providerContract } from '../contract/provider.ts';
import { start } from '../support/bakery-services.ts';
import { calmCall } from '../support/call.ts';
import { wireTo } from '../support/faulty-wire.ts';

/** The cloud of the selftest on a good day, with and without tokens for what is made. */
const make = (tokens: boolean) => async (): Promise<ProviderRig> => {
  let now = 1_000_000;
  const times = { bakeTime: 2_000, startTime: 500, endTime: 300, checkTime: 100, flightTime: 100 };
  const wire = wireTo(new FaultyCloud({ tokens, ...times }), () => now);
  return {
    provider: faultyProvider(wire, 1),
    another: () => faultyProvider(wire, 1),
    package: async (content) => ({
      package: { digest: `sha256:${Buffer.from(content).toString('hex')}`, size: 10, name: 'a.tar' },
      packageFile: '/dev/null',
    }),
    start,
    base: '',
    wait: async (ms) => {
      now += ms;
    },
  };
};

const noProgram = 'its instances are entries in a book: they run no program';
const gaps: Partial<Record<ProviderPromise, string>> = {
  'a command that runs once is ready when it ended well, and is not run again': noProgram,
  'a command that runs once and ends badly is the fault "exited", with its last lines': noProgram,
  'a command that takes longer than it may is the fault "timeout", and is ended like an instance': noProgram,
  'an instance that ends by itself is the fault "exited", with its last lines': noProgram,
  'an instance that is never healthy is the fault "unhealthy", with its last lines': noProgram,
  'a failed launch is not removed: it is listed until it is terminated': noProgram,
  'logs gives the last lines, oldest first': noProgram,
  'a recipe that the provider cannot make is denied with a sentence': noProgram,
  'its script starts an instance without Bakery, which is listed under its mark':
    'a cloud in memory cannot be reached by a script',
};

providerContract('the cloud of the selftest, which knows what it made', make(true), gaps);
providerContract('the cloud of the selftest, which does not', make(false), {
  ...gaps,
  'an instance told to end is not started again by a late copy of its launch':
    'a cloud without tokens forgets what is gone: leases fence late copies, and the reaper takes what they make',
});

/** Its balancer. Every call takes a moment; who serves is asked of the books, as the invariants do. */
const makeBalancer = async (): Promise<BalancerRig> => {
  const flightTime = 5_000;
  let now = 1_000_000;
  let count = 0;
  let turn = 0;
  const cloud = new FaultyCloud({
    tokens: true,
    bakeTime: 0,
    startTime: 0,
    endTime: 0,
    checkTime: 3,
    flightTime,
  });
  const later = (): number => {
    now += 1;
    return now;
  };
  const wire = wireTo(cloud, later);
  const image = {
    package: { digest: 'sha256:00', size: 10, name: 'a.tar' },
    recipe: { base: '', packages: [], start: ['serve'] },
    sha: 'a'.repeat(40),
  };
  const mark = (effect: string) => ({
    ...{ owner: 'contract', effect, generation: 0, service: 'bread', version: 1, environment: 'production' },
    epoch: 1,
  });
  // What comes back is the cloud's own.
  const { image: baked } = (await wire.ask(
    { do: 'make image', order: { ...image, mark: mark('bake.1') } },
    calmCall(),
  )) as { image: Image };
  const serving = (slot: string): string[] => cloud.books.serving(cloud.books.slot(slot), now);
  return {
    balancer: faultyBalancer(wire, () => now),
    frontend: async () => ({ slot: `slot${++count}.production`, port: 1 }),
    async instance() {
      const order = { do: 'make instance', image: baked.id, mark: mark(`launch.${++count}`) } as const;
      const instance = (await wire.ask(order, calmCall())) as Instance;
      const booked = cloud.books.instances.get(instance.id);
      return {
        instance,
        become: (health) => {
          if (booked !== undefined) booked.sick = health === 'unhealthy';
        },
      };
    },
    async send({ slot }) {
      const there = serving(slot);
      return there[turn++ % Math.max(1, there.length)];
    },
    async begin({ slot }) {
      const finish = async () => {
        now += flightTime;
      };
      return { instance: serving(slot)[0] ?? '', finish };
    },
    close: async () => undefined,
  };
};

balancerContract(
  'the cloud of the selftest',
  makeBalancer,
  'a cloud in memory cannot be reached by a script',
  {
    'requests go to members by their weights': 'it carries no requests: its books say who serves',
    'answered requests are counted per member': 'it carries no requests: its counts grow with time',
    'when every weighted member is unhealthy an attached healthy one serves':
      'it has no such way out, on purpose: whatever takes the last healthy member raises an alarm',
  },
);
