import { balancerContract } from '../../contract/balancer.ts';
import { haproxyRig } from './place.ts';

balancerContract('haproxy', () => haproxyRig(0));
