import type { Instance } from './instance.ts';
import type { At } from './time.ts';

/** What everything made outside carries, so that it is found again and adopted, never made twice. */
export interface Mark {
  /** The installation's id. */
  owner: string;
  service: string;
  version: number;
  /** `verify` for a candidate. */
  environment: string;
  effect: string;
  generation: number;
  /** The lease's epoch; 0 where no lease is needed. */
  epoch: number;
}

/** Whose the instances of a deployment are: a mark without what made each of them. */
export type Owned = Omit<Mark, 'effect' | 'generation'>;

/** Something in the cloud that carries our mark. */
export interface Marked {
  what: 'image' | 'instance' | 'builder';
  id: string;
  mark: Mark;
  /** For an instance: as `launch` returned it. */
  instance?: Instance;
  /** It has traffic, by what its cloud says of it: somebody relies on it. */
  serving?: boolean;
}

/** All that a provider showed of this installation, at or after `at`. */
export interface Inventory {
  provider: string;
  at: At;
  found: Marked[];
}

/** Something that was removed because it belonged to nothing. */
export interface Removed {
  what: Marked['what'];
  id: string;
  version: number;
  environment: string;
  /** What it would have cost a day, where a price is known. */
  perDay?: { amount: number; currency: string };
}

/** Names one thing of one cloud. */
export const markedKey = (provider: string, { what, id, mark }: Marked): string =>
  [provider, what, id, mark.effect, mark.generation].join('\n');
