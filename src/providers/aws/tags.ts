import type { Mark } from '../../pipeline/domain/task.ts';

/** The tags by which Bakery knows what is its own. */
export const tag = {
  owner: 'bakery:owner',
  service: 'bakery:service',
  version: 'bakery:version',
  environment: 'bakery:environment',
  effect: 'bakery:effect',
  generation: 'bakery:generation',
  epoch: 'bakery:epoch',
  /** `instance`, `image` or `builder`. */
  what: 'bakery:what',
  /** Of an image and its builder: its inputs, its commit, the AMI that it was made on. */
  inputs: 'bakery:inputs',
  commit: 'bakery:commit',
  base: 'bakery:base',
  /** Of an image: what is in it, in bytes and by digest, and its manifest. */
  size: 'bakery:size',
  digest: 'bakery:digest',
  manifest: 'bakery:manifest',
} as const;

export type What = 'instance' | 'image' | 'builder';

export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** A mark as tags; `name` is what the console shows. */
export const tagsOf = (mark: Mark, what: What, name: string, more: Record<string, string> = {}): Tag[] =>
  Object.entries({
    Name: name,
    [tag.owner]: mark.owner,
    [tag.service]: mark.service,
    [tag.version]: String(mark.version),
    [tag.environment]: mark.environment,
    [tag.effect]: mark.effect,
    [tag.generation]: String(mark.generation),
    [tag.epoch]: String(mark.epoch),
    [tag.what]: what,
    ...more,
  }).map(([Key, Value]) => ({ Key, Value }));

export const tagValue = (tags: Tag[] | undefined, key: string): string =>
  tags?.find(({ Key }) => Key === key)?.Value ?? '';

/** The mark that tags carry; undefined when they are not Bakery's, or not whole. */
export function markOf(tags: Tag[] | undefined): Mark | undefined {
  const of = (key: string): string => tagValue(tags, key);
  const [owner, effect] = [of(tag.owner), of(tag.effect)];
  const numbers = [tag.version, tag.generation, tag.epoch].map((key) => Number.parseInt(of(key), 10));
  const [version = Number.NaN, generation = Number.NaN, epoch = Number.NaN] = numbers;
  if (owner === '' || effect === '' || numbers.some(Number.isNaN)) return undefined;
  return {
    owner,
    service: of(tag.service),
    version,
    environment: of(tag.environment),
    effect,
    generation,
    epoch,
  };
}

/** Whether two marks are of one effect and generation. */
export const isSameMark = (one: Mark | undefined, other: Mark): boolean =>
  one !== undefined &&
  one.owner === other.owner &&
  one.effect === other.effect &&
  one.generation === other.generation;

/** A filter of the describing calls. */
export const withTag = (key: string, value: string): { Name: string; Values: string[] } => ({
  Name: `tag:${key}`,
  Values: [value],
});
