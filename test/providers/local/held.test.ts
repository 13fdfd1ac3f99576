import { heldContract } from '../../contract/held.ts';
import { localRig } from './local-rig.ts';

heldContract(
  'an instance that this machine has lost is noticed, said, and replaced within a minute',
  localRig,
);
