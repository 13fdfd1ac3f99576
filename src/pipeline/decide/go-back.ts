import type { Serving } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import { tooOldForDatabase } from '../domain/migration.ts';
import type { Release } from '../domain/release.ts';
import { revocationOf } from '../domain/revoked.ts';
import type { Slot } from '../domain/slot.ts';

type Known = Pick<Facts, 'releases' | 'installation'>;

/** What going back without a version means. */
export const goesBackTo = (facts: Known, slot: Slot): Release | undefined => canGoBackTo(facts, slot)[0];

/** The release that is live as it ran before its settings were changed, while that still runs. */
export const withSettingsBefore = ({ live, beside }: Slot): Serving | undefined =>
  beside !== undefined && beside.version === live?.version && beside.settings !== live.settings
    ? beside
    : undefined;

/**
 * All below the live one that were live here, were not left, work with the database as it is by now, and whose image may
 * still be launched; newest first.
 */
export function canGoBackTo(
  { releases, installation }: Known,
  { live, environment, floor }: Slot,
): Release[] {
  return [...releases.values()]
    .filter(({ version, standings, imageRemovedAt }) => {
      if (imageRemovedAt !== undefined || tooOldForDatabase(floor, version, environment) !== undefined)
        return false;
      const was = standings[environment]?.standing;
      return version < (live?.version ?? 0) && (was === 'previous' || was === 'retired');
    })
    .filter(({ image }) => image !== undefined && revocationOf(image, installation) === undefined)
    .sort((a, b) => b.version - a.version);
}
