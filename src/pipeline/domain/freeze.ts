import type { Deployment } from './deployment.ts';
import type { Facts } from './facts.ts';
import type { Freeze } from './installation.ts';
import { inWords } from './lock.ts';
import type { EnvironmentPolicy } from './policy.ts';
import { named } from './rights.ts';
import type { At } from './time.ts';
import type { Workspace } from './workspace.ts';

type Times = Pick<Facts, 'installation' | 'calendar' | 'policy'>;

/** What keeps new releases out of an environment now: of all that do, the one that ends last. */
export function freezeOf(facts: Times, environment: string, now: At): Freeze | undefined {
  return freezesNow(facts, now)
    .filter((freeze) => isAbout(freeze, facts, environment))
    .toSorted((a, b) => b.until - a.until)[0];
}

/** What each environment is frozen by now; those that are not are left out. */
export const frozenNow = (facts: Times, now: At): Record<string, Freeze> =>
  Object.fromEntries(
    facts.policy.environments.flatMap(({ name }) => {
      const freeze = freezeOf(facts, name, now);
      return freeze === undefined ? [] : [[name, freeze]];
    }),
  );

/** Whether a freeze began after people had agreed: it holds still, or was over before anybody looked. */
export function areFrozenOut(
  { approvals, environment }: Pick<Deployment, 'approvals' | 'environment'>,
  facts: Times,
  now: At,
): boolean {
  if (approvals.length === 0) return false;
  const first = Math.min(...approvals.map(({ at }) => at));
  const ordered = facts.installation.freezes.filter(
    (freeze) => isOf(freeze, facts) && freeze.since > first && freeze.since <= now,
  );
  const begun = [...ordered, ...facts.calendar.begun(first, now), ...freezesNow(facts, now)];
  return begun.some((freeze) => isAbout(freeze, facts, environment));
}

/** All that hold now for the service: ordered by people, and windows of the configuration. */
export const freezesNow = (facts: Times, now: At): Freeze[] => [
  ...facts.installation.freezes.filter(
    (freeze) => isOf(freeze, facts) && freeze.since <= now && freeze.until > now,
  ),
  ...facts.calendar.windows(now),
];

const isOf = ({ scope }: Freeze, { policy }: Times): boolean => scope === 'all' || scope === policy.service;

function isAbout({ environments }: Freeze, { policy }: Times, environment: string): boolean {
  if (environments !== undefined) return environments.includes(environment);
  const rung = policy.environments.find(({ name }) => name === environment);
  return rung !== undefined && isGuarded(rung);
}

/** Where people have to agree, or where it counts. */
const isGuarded = ({ promotion, production }: EnvironmentPolicy): boolean =>
  promotion === 'approval' || production;

/** A freeze in words, for every refusal that it causes. */
export function freezeInWords(
  environment: string,
  { by, until, reason, name }: Freeze,
  { now, workspace }: { now: At; workspace: Workspace | undefined },
): string {
  const who =
    by === undefined ? `by the configuration (${name ?? 'a window'})` : `by ${named(by, workspace)}`;
  const why = reason === undefined ? '' : `: {${reason}}`;
  return `${environment} is frozen ${who}${why}, for another ${inWords(until - now)}. Rollbacks are allowed; anything else needs /bake override.`;
}
