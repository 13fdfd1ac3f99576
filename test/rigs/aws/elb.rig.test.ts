import { vi } from 'vitest';
import { balancerContract } from '../../contract/balancer.ts';
import { elbRig } from './elb-world.ts';

vi.setConfig({ testTimeout: 60_000 });

balancerContract('elb', elbRig, undefined, {
  'answered requests are counted per member':
    'ELB counts what a target group gets, minutes later, not its targets',
  'an unhealthy member gets no traffic until it is healthy again':
    'ELB passes by an unhealthy target for others of its group, not for those of another',
  'when every weighted member is unhealthy an attached healthy one serves':
    'ELB does not go over from one target group to another',
});
