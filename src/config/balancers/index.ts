import * as z from 'zod';
import { oneKindOf } from '../kinds.ts';
import { type EmbeddedBalancerSettings, embeddedBalancerFile, toEmbeddedBalancer } from './embedded.ts';

/** A balancer of bot.yaml: its `kind` decides which keys it has. One file of this folder per kind. */
export const balancerFile = z.discriminatedUnion('kind', [embeddedBalancerFile], {
  error: oneKindOf('embedded'),
});

/** A balancer of the installation, checked; paths are absolute. */
export type BalancerSettings = EmbeddedBalancerSettings;

/** `dir` is the folder of bot.yaml. */
export function toBalancer(made: z.output<typeof balancerFile>, dir: string): BalancerSettings {
  switch (made.kind) {
    case 'embedded':
      return toEmbeddedBalancer(made, dir);
  }
}
