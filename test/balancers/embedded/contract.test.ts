import { balancerContract } from '../../contract/balancer.ts';
import { embeddedRig } from './rig.ts';

balancerContract('embedded', embeddedRig);
