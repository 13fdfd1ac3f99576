import { vi } from 'vitest';
import { balancerContract } from '../../contract/balancer.ts';
import { octaviaRig } from './octavia-world.ts';

// Each change locks a load balancer for as long as Octavia takes for it.
vi.setConfig({ testTimeout: 120_000 });

balancerContract('octavia', octaviaRig, undefined, {
  'answered requests are counted per member': 'Octavia counts what a listener has, not its members',
});
