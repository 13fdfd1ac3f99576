import { text } from 'node:stream/consumers';
import { compareLink } from '../pipeline/domain/compare-link.ts';
import { type ImageDifference, imageDifference } from '../pipeline/domain/difference.ts';
import type { Image } from '../pipeline/domain/image.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { CommitLog } from '../pipeline/repositories.ts';
import type { Store } from '../pipeline/store.ts';
import type { Changes, Commits } from '../pipeline/views.ts';

/** What separates two releases of a service. What cannot be read is left out. Never throws. */
export type ChangesBetween = (policy: ServicePolicy, from: Release, to: Release) => Promise<Changes>;

interface Parts {
  store: Pick<Store, 'get'>;
  commits: CommitLog;
  now(): At;
}

const most = 1_000;
const shown = 5;
/** How long it is left alone after it could not be read. */
const pause = 60_000;
const largestManifest = 16 * 1024 * 1024;

/** Commits and manifests never change, so that what was read once is kept. */
export function changesBetween({ store, commits, now }: Parts): ChangesBetween {
  const logs = kept<Commits>(now);
  const images = kept<ImageDifference | undefined>(now);

  const commitsOf = async (policy: ServicePolicy, from: string, to: string): Promise<Commits> => {
    const { repository, folder, service } = policy;
    const link = compareLink(repository, from, to);
    const found = await commits.between({ repository, folder, service, from, to, most: shown });
    return { ...found, ...(link === undefined ? {} : { link }) };
  };
  const imagesOf = async (from: Image, to: Image): Promise<ImageDifference | undefined> =>
    imageDifference(await manifestOf(store, from), await manifestOf(store, to));

  return async (policy, from, to) => {
    const [a, b] = [from.commit.sha, to.commit.sha];
    const between = (one: string, other: string) =>
      logs(`${policy.repository} ${one} ${other}`, () => commitsOf(policy, one, other));
    const [log, back, image] = await Promise.all([
      between(a, b),
      between(b, a),
      from.image === undefined || to.image === undefined
        ? undefined
        : images(`${from.image.manifest} ${to.image.manifest}`, imagesOf.bind(null, from.image, to.image)),
    ]);
    return {
      from: from.version,
      to: to.version,
      ...(log === undefined ? {} : { commits: log }),
      ...(back === undefined || back.total === 0 ? {} : { takenBack: back }),
      ...(image === undefined ? {} : { image }),
      ...(from.image === undefined || to.image === undefined
        ? {}
        : { size: { from: from.image.size, to: to.image.size } }),
    };
  };
}

async function manifestOf(store: Pick<Store, 'get'>, image: Image): Promise<unknown> {
  const bytes = await store.get(image.manifest);
  const words = await text(bytes);
  return words.length > largestManifest ? undefined : JSON.parse(words);
}

/** Remembers what was read; undefined for a while after it could not be. */
function kept<Value>(now: () => At): (key: string, read: () => Promise<Value>) => Promise<Value | undefined> {
  const known = new Map<string, { value: Promise<Value | undefined>; until: At }>();
  return (key, read) => {
    const found = known.get(key);
    if (found !== undefined && found.until > now()) return found.value;
    known.delete(key);
    for (const oldest of known.keys()) {
      if (known.size < most) break;
      known.delete(oldest);
    }
    const entry = { value: read().catch(() => undefined), until: Number.POSITIVE_INFINITY };
    known.set(key, entry);
    void entry.value.then((value) => {
      if (value === undefined) entry.until = now() + pause;
    });
    return entry.value;
  };
}
