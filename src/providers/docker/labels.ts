import type { Mark } from '../../pipeline/domain/task.ts';

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
  [label.owner]: mark.owner,
  [label.service]: mark.service,
  [label.version]: String(mark.version),
  [label.environment]: mark.environment,
  [label.effect]: mark.effect,
  [label.generation]: String(mark.generation),
  [label.epoch]: String(mark.epoch),
  [label.what]: what,
});

/** The mark that labels carry; undefined when they are not Bakery's, or not whole. */
export const markOf = (labels: Record<string, string> | undefined | null): Mark | undefined => {
  const of = (name: string): string => labels?.[name] ?? '';
  const [owner, service, effect] = [of(label.owner), of(label.service), of(label.effect)];
  const numbers = [label.version, label.generation, label.epoch].map((name) => Number.parseInt(of(name), 10));
  const [version = Number.NaN, generation = Number.NaN, epoch = Number.NaN] = numbers;
  if (owner === '' || effect === '' || numbers.some(Number.isNaN)) return undefined;
  return { owner, service, version, environment: of(label.environment), effect, generation, epoch };
};

/** Whether two marks are of one effect and generation. */
export const isSameMark = (one: Mark | undefined, other: Mark): boolean =>
  one !== undefined &&
  one.owner === other.owner &&
  one.effect === other.effect &&
  one.generation === other.generation;
