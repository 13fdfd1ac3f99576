import { vi } from 'vitest';
import { providerContract } from '../../contract/provider.ts';
import { providerRig } from './openstack-world.ts';

// Servers are made, booted, baked and kept here, by Nova and by Debian's own cloud-init.
vi.setConfig({ testTimeout: 240_000 });

const onlyServices = 'a server tells how a command ended through its console alone';

providerContract('an OpenStack cloud', () => providerRig(), {
  'a command that runs once is ready when it ended well, and is not run again': onlyServices,
  'a command that runs once and ends badly is the fault "exited", with its last lines': onlyServices,
  'a command that takes longer than it may is the fault "timeout", and is ended like an instance':
    onlyServices,
  'an image that is made again has the same digest':
    'Glance gives each image an id of its own; the digest of what is in it is the same',
});
