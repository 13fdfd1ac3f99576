import { vi } from 'vitest';
import { providerContract } from '../../contract/provider.ts';
import { account, providerRig } from './account.ts';

// Each of them boots two machines and more.
vi.setConfig({ testTimeout: account().patience ?? 180_000 });

const gaps = {
  'an image that is made again has the same digest':
    'EC2 gives each AMI an id of its own, and a system that was installed again holds times of its own',
};

providerContract('AWS', () => providerRig(), gaps);
