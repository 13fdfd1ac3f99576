import type { Facts } from '../domain/facts.ts';
import type { Release } from '../domain/release.ts';
import { revocationOf } from '../domain/revoked.ts';
import type { Slot } from '../domain/slot.ts';

/**
 * What going back without a version means: the newest one below the live one that was live here, was not left, and whose
 * image may still be launched.
 */
export function goesBackTo(
  { releases, installation }: Facts,
  { live, environment }: Slot,
): Release | undefined {
  return [...releases.values()]
    .filter(({ version, standings }) => {
      const was = standings[environment]?.standing;
      return version < (live?.version ?? 0) && (was === 'previous' || was === 'retired');
    })
    .filter(({ image }) => image !== undefined && revocationOf(image, installation) === undefined)
    .sort((a, b) => b.version - a.version)[0];
}
