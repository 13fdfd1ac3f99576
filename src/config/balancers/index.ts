import * as z from 'zod';
import { oneKindOf } from '../kinds.ts';
import { type ElbBalancerSettings, elbBalancerFile } from './elb.ts';
import { type EmbeddedBalancerSettings, embeddedBalancerFile, toEmbeddedBalancer } from './embedded.ts';
import { type HaproxyBalancerSettings, haproxyBalancerFile, toHaproxyBalancer } from './haproxy.ts';
import { type OctaviaBalancerSettings, octaviaBalancerFile, toOctaviaBalancer } from './octavia.ts';

/** A balancer of bot.yaml: its `kind` decides which keys it has. One file of this folder per kind. */
export const balancerFile = z.discriminatedUnion(
  'kind',
  [embeddedBalancerFile, haproxyBalancerFile, octaviaBalancerFile, elbBalancerFile],
  { error: oneKindOf('embedded', 'haproxy', 'octavia', 'elb') },
);

/** A balancer of the installation, checked; paths are absolute. */
export type BalancerSettings =
  | EmbeddedBalancerSettings
  | HaproxyBalancerSettings
  | OctaviaBalancerSettings
  | ElbBalancerSettings;

/** `dir` is the folder of bot.yaml. */
export function toBalancer(made: z.output<typeof balancerFile>, dir: string): BalancerSettings {
  switch (made.kind) {
    case 'embedded':
      return toEmbeddedBalancer(made, dir);
    case 'haproxy':
      return toHaproxyBalancer(made, dir);
    case 'octavia':
      return toOctaviaBalancer(made, dir);
    case 'elb':
      return made;
  }
}
