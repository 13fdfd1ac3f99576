import { heldContract } from '../../contract/held.ts';
import { providerRig } from './docker-world.ts';

heldContract('an instance that a Docker engine has lost is noticed, said, and replaced within a minute', () =>
  providerRig(),
);
