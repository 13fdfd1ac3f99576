import { providerContract } from '../../contract/provider.ts';
import { localRig } from './local-rig.ts';

providerContract('this machine', localRig);
