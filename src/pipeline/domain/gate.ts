import { missing } from './consent.ts';
import type { Deployment } from './deployment.ts';
import type { GoesWith } from './goes-with.ts';
import type { Release } from './release.ts';

type Wanted = Pick<Deployment, 'kind' | 'alone' | 'override' | 'environment'>;

/** The group's release that a deployment goes with; undefined when it goes by itself. */
export function groupOf(
  { kind, alone, override, environment }: Wanted,
  release: Partial<Pick<Release, 'goesWith'>> | undefined,
): GoesWith | undefined {
  const goesWith = release?.goesWith;
  const isItsOwn = kind !== 'release' || alone === true || override !== undefined;
  return isItsOwn || goesWith?.environments.includes(environment) !== true ? undefined : goesWith;
}

/** Why it cannot be decided by itself, and where it can. */
export const decidedTogether = (
  { service, version, environment }: Pick<Deployment, 'service' | 'version' | 'environment'>,
  { group, number, over }: GoesWith,
): string =>
  over === true
    ? `${service} v${version} was released with ${group} v${number}, of which nothing comes in ${environment} any more. \`/bake deploy ${group} v${number} ${environment}\` asks for all of it again, \`/bake deploy ${service} v${version} ${environment}\` for this one alone.`
    : `${service} v${version} goes to ${environment} together with the rest of ${group} v${number}: approve, reject or cancel it there (\`/bake approve ${group}\`). Nothing was done.`;

/** Whether people have agreed to it, or need not; as it is asked for today. */
export const isAgreedTo = (today: Deployment): boolean =>
  today.wentLive ||
  today.override !== undefined ||
  today.plan.promotion === 'auto' ||
  missing(today) === undefined;

/** Whether somebody has to say yes to it, together with the others of its group. */
export const waitsWithGroup = (today: Deployment): boolean =>
  !isAgreedTo(today) && today.state === 'running' && today.stage === 'approve' && today.wait?.for === 'group';
