import { isDeploymentOver } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import type { Image } from '../domain/image.ts';
import type { Marked } from '../domain/marked.ts';
import { isOver, type Release } from '../domain/release.ts';
import { type KeptBecause, type Retained, usualRetention } from '../domain/retention.ts';
import type { At } from '../domain/time.ts';
import { canGoBackTo } from './go-back.ts';

/** How many steps back each environment can always go. */
const stepsBack = 3;

type Known = Pick<Facts, 'policy' | 'installation' | 'releases' | 'slots' | 'deployments'>;
type WithImage = Release & { image: Image };

/**
 * Every image of a service, newest first, each with why it is kept; without a reason it goes at the next sweep. Never
 * what is live, beside it, was live just before, would be gone back to or is pinned, in any environment, nor what
 * shares its image with such a one. `facts.releases` has to hold all releases with an image.
 */
export function retention(facts: Known, now: At): Retained[] {
  const releases = [...facts.releases.values()].filter(hasImage).sort((a, b) => b.version - a.version);
  const own = releases.map((release, index) => ({ release, because: reason(facts, release, index, now) }));
  return own.map(({ release: { version, image }, because }) => {
    const twin = own.find((other) => other.release.image.id === image.id && other.because !== undefined);
    const why = because ?? (twin && { is: 'same image' as const, version: twin.release.version });
    return { version, image, ...(why === undefined ? {} : { because: why }) };
  });
}

const hasImage = (release: Release): release is WithImage =>
  release.image !== undefined && release.imageRemovedAt === undefined;

function reason(facts: Known, release: WithImage, index: number, now: At): KeptBecause | undefined {
  const { keep, age } = facts.policy.retention ?? usualRetention;
  const used = usedIn(facts, release);
  if (used !== undefined) return used;
  if (release.kept !== undefined) return { is: 'pinned' };
  if (index < keep) return { is: 'newest', keep };
  const old = now - (release.endedAt ?? release.requestedAt);
  return old < age ? { is: 'young', age: old } : undefined;
}

function usedIn(facts: Known, { version, standings, ...release }: WithImage): KeptBecause | undefined {
  for (const slot of facts.slots.values()) {
    const { environment } = slot;
    if (slot.live?.version === version) return { is: 'live', environment };
    if (slot.beside?.version === version || slot.rescued?.version === version)
      return { is: 'beside', environment };
    const back = canGoBackTo(facts, slot).slice(0, stepsBack);
    if (back.some((one) => one.version === version) || slot.rescue?.version === version)
      return { is: 'goes back', environment };
    if (standings[environment]?.standing === 'previous') return { is: 'was live before', environment };
  }
  const deployed = [...facts.deployments.values()].some(
    (deployment) => deployment.version === version && !isDeploymentOver(deployment),
  );
  return deployed || !isOver({ version, standings, ...release }) ? { is: 'under way' } : undefined;
}

/**
 * Images that no release of the ledger has any more: their removal failed, or the release that made them ended before
 * it knew. Not those of a version that is live though the ledger has forgotten it, nor of one that is under way.
 */
export function forgottenImages(facts: Facts, found: readonly Marked[]): string[] {
  const has = new Set(
    [...facts.releases.values()].filter(hasImage).flatMap(({ image }) => [image.id, ...(image.copies ?? [])]),
  );
  const inUse = new Set(
    [...facts.slots.values()].flatMap(({ live, beside, rescued, rescue }) =>
      [live, beside, rescued, rescue].map((one) => one?.version),
    ),
  );
  const isFree = ({ id, mark }: Marked): boolean => {
    const release = facts.releases.get(mark.version);
    const over = release === undefined ? !facts.service.open.includes(mark.version) : isOver(release);
    return over && !has.has(id) && !inUse.has(mark.version) && !isWanted(facts, mark);
  };
  const images = found.filter(({ what }) => what === 'image');
  const ids = [...new Set(images.map(({ id }) => id))];
  return ids.filter((id) => images.filter((one) => one.id === id).every(isFree));
}

const isWanted = ({ tasks }: Facts, { effect, generation }: Marked['mark']): boolean =>
  tasks.some((task) => task.effect === effect && task.generation === generation);
