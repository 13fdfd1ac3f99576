import { vi } from 'vitest';
import { providerContract } from '../../contract/provider.ts';
import { providerRig } from './openstack-world.ts';

// Servers are made, booted, baked and kept here, by Nova and by Debian's own cloud-init.
vi.setConfig({ testTimeout: 240_000 });

providerContract('an OpenStack cloud', () => providerRig(), {
  'an image that is made again has the same digest':
    'Glance gives each image an id of its own; the digest of what is in it is the same',
});
