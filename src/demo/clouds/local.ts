import { join } from 'node:path';
import { embeddedBalancer } from '../../balancers/embedded/index.ts';
import { localProvider } from '../../providers/local/index.ts';
import type { Place } from '../place.ts';
import type { Cloud } from './cloud.ts';

const rootOf = ({ data }: Place): string => join(data, 'local');
const balancerOf = ({ data }: Place): string => join(data, 'balancer');

/** Processes on this machine behind the embedded balancer: needs nothing but Node.js. */
export const localCloud: Cloud = {
  provider: 'local',
  balancer: 'embedded',
  base: '',
  patience: 1,
  providerEntry: (place) => ({ kind: 'local', root: rootOf(place), allowProduction: true }),
  balancerEntry: (place) => ({ kind: 'embedded', dataDir: balancerOf(place) }),
  prepare: async () => {},
  // For what is left at the end: nothing is baked by it.
  open: (place) => localProvider({ root: rootOf(place), keep: async () => {}, now: Date.now }),
  endBalancer: (place) => embeddedBalancer({ dataDir: balancerOf(place) }).stop(),
  host: async () => '127.0.0.1',
  // All that it has lies in the demo's folder.
  forget: async () => {},
};
