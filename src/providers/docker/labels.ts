import type { Mark } from '../../pipeline/domain/task.ts';
import { readMark, textsOfMark } from '../mark-fields.ts';

/** The labels by which Bakery knows what is its own. */
export const label = {
  owner: 'bakery.owner',
  service: 'bakery.service',
  version: 'bakery.version',
  environment: 'bakery.environment',
  effect: 'bakery.effect',
  generation: 'bakery.generation',
  epoch: 'bakery.epoch',
  /** `instance`, `image` or `builder`. */
  what: 'bakery.what',
  /** An instance's host port, and when it was made, in milliseconds since 1970 by the worker's clock. */
  port: 'bakery.port',
  launched: 'bakery.launched',
  /** When an instance was told to end. */
  ended: 'bakery.ended',
  /** An image's inputs, commit and manifest; and, on a mark of its own, the image that was taken. */
  inputs: 'bakery.inputs',
  commit: 'bakery.commit',
  manifest: 'bakery.manifest',
  image: 'bakery.image',
  /** When what a build made is surely over; and whose a cache of builds is. */
  until: 'bakery.until',
  cacheOf: 'bakery.cache-of',
} as const;

export type What = 'instance' | 'image' | 'builder';

/** A mark as labels. */
export const labelsOf = (mark: Mark, what: What): Record<string, string> => ({
  ...textsOfMark(mark, label),
  [label.what]: what,
});

/** The mark that labels carry; undefined when they are not Bakery's, or not whole. */
export const markOf = (labels: Record<string, string> | undefined | null): Mark | undefined =>
  readMark(label, (name) => labels?.[name] ?? '');
