import { vi } from 'vitest';
import { balancerContract } from '../../contract/balancer.ts';
import { account } from './account.ts';
import { elbRig } from './elb-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const gaps = {
  'answered requests are counted per member':
    'ELB counts what a target group gets, minutes later, not its targets',
  'an unhealthy member gets no traffic until it is healthy again':
    'ELB passes by an unhealthy target for others of its group, not for those of another',
  'when every weighted member is unhealthy an attached healthy one serves':
    'ELB does not go over from one target group to another',
};

balancerContract('elb', () => elbRig(), undefined, gaps);

balancerContract(
  'elb, of the kind network',
  () => elbRig({ loadBalancer: account().networkLoadBalancer }),
  undefined,
  gaps,
);
