import { heldContract } from '../../contract/held.ts';
import { account, providerRig } from './account.ts';

heldContract('an instance that AWS has lost is noticed, said, and replaced', () => providerRig(), {
  // Two machines are baked and booted before anything is lost.
  patience: account().patience ?? 240_000,
  health: { path: '/healthz', within: 180_000 },
});
