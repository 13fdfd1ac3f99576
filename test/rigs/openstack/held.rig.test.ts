import { heldContract } from '../../contract/held.ts';
import { providerRig } from './openstack-world.ts';

heldContract('a server that Nova has lost is noticed, said, and replaced', () => providerRig(), {
  // Three servers are baked and booted before anything is lost.
  patience: 420_000,
  health: { path: '/healthz', within: 300_000 },
});
