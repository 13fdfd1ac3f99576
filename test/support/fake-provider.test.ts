import { providerContract } from '../contract/provider.ts';
import { start } from './bakery-services.ts';
import { fakeCloud, fakeProvider } from './fake-provider.ts';

providerContract('the fake of unit tests', async () => {
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
});
