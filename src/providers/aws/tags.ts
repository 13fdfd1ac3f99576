import type { Mark } from '../../pipeline/domain/task.ts';
import { readMark, textsOfMark } from '../mark-fields.ts';

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
  /** Of an instance: that it runs a command to its end, and no service. */
  once: 'bakery:once',
  /** Of an image and its builder: its inputs, its commit, the AMI that it was made on. */
  inputs: 'bakery:inputs',
  commit: 'bakery:commit',
  base: 'bakery:base',
  /** Of an image: the regions that it is copied to. Of a copy and its snapshots: the image that it is of. */
  copiedTo: 'bakery:copied-to',
  copyOf: 'bakery:copy-of',
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
    ...textsOfMark(mark, tag),
    [tag.what]: what,
    ...more,
  }).map(([Key, Value]) => ({ Key, Value }));

export const tagValue = (tags: Tag[] | undefined, key: string): string =>
  tags?.find(({ Key }) => Key === key)?.Value ?? '';

/** The mark that tags carry; undefined when they are not Bakery's, or not whole. */
export const markOf = (tags: Tag[] | undefined): Mark | undefined =>
  readMark(tag, (key) => tagValue(tags, key));

/** A filter of the describing calls. */
export const withTag = (key: string, value: string): { Name: string; Values: string[] } => ({
  Name: `tag:${key}`,
  Values: [value],
});
