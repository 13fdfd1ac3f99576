import { ProviderError } from '../../src/pipeline/provider.ts';
import { FaultyCloud } from '../../src/selftest/cloud/faulty-cloud.ts';
import { faultyProvider } from '../../src/selftest/cloud/provider.ts';
import type { Wire } from '../../src/selftest/cloud/request.ts';
import { type ProviderPromise, type ProviderRig, providerContract } from '../contract/provider.ts';
import { start } from '../support/bakery-services.ts';

/** The cloud of the selftest on a good day, with and without tokens for what is made. */
const make = (tokens: boolean) => async (): Promise<ProviderRig> => {
  let now = 1_000_000;
  const times = { bakeTime: 2_000, startTime: 500, endTime: 300, checkTime: 100, flightTime: 100 };
  const cloud = new FaultyCloud({ tokens, ...times });
  const wire: Wire = {
    limit: 2_000,
    ask: async (request) => {
      const answer = cloud.act(request, now);
      if ('fault' in answer) throw new ProviderError(answer.fault, answer.sentence);
      return structuredClone(answer.value);
    },
  };
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
