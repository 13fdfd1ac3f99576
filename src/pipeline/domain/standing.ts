import type { Deployment } from './deployment.ts';
import type { Facts } from './facts.ts';
import { tooOldForDatabase } from './migration.ts';
import type { Release } from './release.ts';
import { revocationOf, revokedInWords } from './revoked.ts';
import { named } from './rights.ts';

/**
 * Why a release may not go live in a slot now, in words; undefined when it may. Checked at the click and again at
 * launch: newer than what is live, in good standing on the rung below, not quarantined, not overtaken, not revoked. An
 * override lifts quarantine, the rung below and what a database says, and nothing else of it.
 */
export function standingProblem(
  wanted: Pick<Deployment, 'service' | 'environment' | 'version' | 'kind' | 'image' | 'override'>,
  facts: Facts,
): string | undefined {
  const release = facts.releases.get(wanted.version);
  const v = `v${wanted.version}`;
  if (release === undefined) return `There is no ${wanted.service} ${v}.`;
  if (release.image?.digest !== wanted.image.digest)
    return `The image of ${v} is not the one that was asked for.`;
  const revocation = revocationOf(wanted.image, facts.installation);
  if (revocation !== undefined) return revokedInWords(`The image of ${v}`, revocation);
  if (release.state !== 'production ready') return `${v} is ${release.state}, so it cannot be deployed.`;
  if (release.imageRemovedAt !== undefined) return imageGone(release);
  if (wanted.kind !== 'release') return undefined;
  const quarantine = release.quarantined[wanted.environment];
  if (quarantine !== undefined && wanted.override === undefined) {
    return `${v} was rolled back from ${wanted.environment}${byWhom(quarantine)} and is in quarantine there${because(quarantine)}. Release a newer version instead, or say /bake override ${wanted.service} ${v} ${wanted.environment} with a reason.`;
  }
  const slot = facts.slots.get(wanted.environment);
  const live = slot?.live;
  if (live !== undefined && live.version > wanted.version) {
    return `v${live.version} is live in ${wanted.environment} and newer than ${v}. To go back, use /rollback ${wanted.service} ${v} ${wanted.environment}.`;
  }
  if (wanted.override !== undefined) return undefined;
  return (
    tooOldForDatabase(slot?.floor, wanted.version, wanted.environment) ?? rungBelowProblem(wanted, facts)
  );
}

/** The reason that was given for the rollback; `{t…}` stands for a text of the side table. */
export const because = ({ reason }: Release['quarantined'][string]): string =>
  reason === undefined ? '' : ` ({${reason}})`;

/** Who put it there, where that was a person or an operator; it may have gone back by itself. */
export const byWhom = ({ by }: Release['quarantined'][string]): string =>
  by === undefined || by.kind === 'clock' ? '' : ` by ${named(by)}`;

/** Why a release whose image was let go cannot be deployed, and how to have it again. */
export const imageGone = ({ service, version, commit }: Release): string =>
  `The image of v${version} was removed: too old, and not pinned. \`/bake ${service} ${commit.sha.slice(0, 12)}\` makes a new version of the same commit.`;

function rungBelowProblem(
  wanted: Pick<Deployment, 'environment' | 'version'>,
  facts: Facts,
): string | undefined {
  const rungs = facts.policy.environments;
  const below = rungs[rungs.findIndex(({ name }) => name === wanted.environment) - 1];
  if (below === undefined) return undefined;
  const was = facts.releases.get(wanted.version)?.standings[below.name]?.standing;
  if (was === 'live' || was === 'previous' || was === 'retired') return undefined;
  return was === 'rolled back'
    ? `v${wanted.version} was rolled back from ${below.name}.`
    : `v${wanted.version} has not been live in ${below.name} yet. Deploy it there first.`;
}
