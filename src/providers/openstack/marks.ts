import type { Mark } from '../../pipeline/domain/task.ts';
import { readMark, textsOfMark } from '../mark-fields.ts';

/**
 * The keys under which servers (Nova's metadata) and images (Glance's properties) carry what Bakery knows of them. Both
 * hold texts; Nova's of at most 255 characters.
 */
export const key = {
  owner: 'bakery_owner',
  service: 'bakery_service',
  version: 'bakery_version',
  environment: 'bakery_environment',
  effect: 'bakery_effect',
  generation: 'bakery_generation',
  epoch: 'bakery_epoch',
  /** Of a member of a pool: the provider that its instance is of. */
  provider: 'bakery_provider',
  /** `instance`, `builder` or `image`. */
  what: 'bakery_what',
  /** Of a server: when it was told to end, and when its service was first seen to start, by the workers' clock. */
  ended: 'bakery_ended',
  started: 'bakery_started',
  /** Of an instance: that it runs a command to its end, and no service. */
  once: 'bakery_once',
  /** Of a builder: where it leaves its report. */
  report: 'bakery_report',
  /** Of an image: the name of its inputs, its content's digest, its manifest's, the commit. */
  inputs: 'bakery_inputs',
  digest: 'bakery_digest',
  manifest: 'bakery_manifest',
  commit: 'bakery_commit',
  /** The release that it was promoted for last. */
  promoted: 'bakery_promoted',
} as const;

/** In front of the keys of marks of those that took an image which another had made. */
export const takenPrefix = 'bakery_mark_';

export type What = 'instance' | 'builder' | 'image';
export type Labels = Record<string, unknown>;

export const labelsOf = (mark: Mark, what: What): Record<string, string> => ({
  ...textsOfMark(mark, key),
  [key.what]: what,
});

/** The mark that labels carry; undefined when they are not Bakery's, or not whole. */
export const markOf = (labels: Labels): Mark | undefined =>
  readMark(key, (name) => String(labels[name] ?? ''));

const inTag = (name: string): string => `${name}=`;

/** A mark as tags of a member of a pool, with the provider that its instance is of. */
export const tagsOf = (mark: Mark, provider: string): string[] =>
  Object.entries({ ...textsOfMark(mark, key), [key.provider]: provider }).map(
    ([name, text]) => `${inTag(name)}${text}`,
  );

/** The mark that tags carry of an instance of this provider; undefined when they are of another's, or not whole. */
export function markInTags(tags: readonly string[], provider: string): Mark | undefined {
  const textOf = (name: string): string =>
    tags.find((tag) => tag.startsWith(inTag(name)))?.slice(inTag(name).length) ?? '';
  return textOf(key.provider) === provider ? readMark(key, textOf) : undefined;
}
