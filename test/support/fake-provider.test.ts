import { type ProviderRig, providerContract } from '../contract/provider.ts';
import { start } from './bakery-services.ts';
import { fakeCloud, fakeProvider } from './fake-provider.ts';

const make = async (): Promise<ProviderRig> => {
  let now = 1_000_000;
  const cloud = fakeCloud(() => now);
  return {
    provider: fakeProvider(cloud),
    another: () => fakeProvider(cloud),
    package: async (content) => ({
      package: {
        digest: `sha256:${Buffer.from(content).toString('hex').padEnd(64, '0')}`,
        size: 10,
        name: 'a.tar',
      },
      packageFile: '/dev/null',
    }),
    start,
    base: '',
    wait: async (ms) => {
      now += ms;
    },
  };
};

providerContract('the fake of unit tests', make, {
  'its script starts an instance without Bakery, which is listed under its mark':
    'a cloud in memory cannot be reached by a script',
});
