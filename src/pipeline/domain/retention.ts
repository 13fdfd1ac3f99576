import type { Image } from './image.ts';
import type { Millis } from './time.ts';

/** How many images of a service are kept, and how long; what is used or pinned is kept whatever this says. */
export interface RetentionPolicy {
  /** The newest so many are kept. */
  keep: number;
  /** Younger ones are kept. */
  age: Millis;
}

export const usualRetention: RetentionPolicy = { keep: 10, age: 30 * 24 * 3_600_000 };

/** The effect of removing images of a service at one provider. */
export const discardEffect = (service: string, provider: string): string => `discard.${service}.${provider}`;

/** Whether images of the service are being removed now: one of the same inputs would be taken over by a bake, and go. */
export const isLettingGo = ({ tasks }: { tasks: readonly { effect: string }[] }): boolean =>
  tasks.some(({ effect }) => effect.startsWith('discard.'));

/** Why an image is kept. */
export type KeptBecause =
  | { is: 'live' | 'beside' | 'goes back' | 'was live before'; environment: string }
  | { is: 'under way' }
  | { is: 'pinned' }
  | { is: 'newest'; keep: number }
  | { is: 'young'; age: Millis }
  | { is: 'same image'; version: number };

/** An image of a release, and whether it goes at the next sweep. */
export interface Retained {
  version: number;
  image: Image;
  /** Undefined: it goes tonight. */
  because?: KeptBecause;
}
