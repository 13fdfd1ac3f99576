import { vi } from 'vitest';
import { providerContract } from '../../contract/provider.ts';
import { account, providerRig } from './account.ts';

// Each of them boots two machines and more.
vi.setConfig({ testTimeout: account().patience ?? 180_000 });

const onlyServices = 'a machine tells how a command ended through its console alone, minutes late';
const gaps = {
  'a command that runs once is ready when it ended well, and is not run again': onlyServices,
  'a command that runs once and ends badly is the fault "exited", with its last lines': onlyServices,
  'a command that takes longer than it may is the fault "timeout", and is ended like an instance':
    onlyServices,
  'an image that is made again has the same digest':
    'EC2 gives each AMI an id of its own, and a system that was installed again holds times of its own',
};

providerContract('AWS', () => providerRig(), gaps);
