import { type Actor, actorKey } from './actor.ts';
import type { Approval, Deployment } from './deployment.ts';
import type { Release } from './release.ts';
import { covers, holders, isPerson, mention, type Powers } from './rights.ts';
import type { At } from './time.ts';
import type { Mailbox, Verified } from './verified.ts';

// All of this is about a deployment as it is asked for today (`askedToday`).

/**
 * How many people have to agree: one more than the author's own word where nobody knows who the author is. An operator
 * who breaks the glass, with a reason that is told aloud, is not asked for a second one on that account.
 */
export function needed({ plan }: Pick<Deployment, 'plan'>, verified: Verified | undefined): number {
  if (plan.selfApproval || isAuthorKnown(verified)) return plan.approvals;
  return Math.max(plan.approvals, 2);
}

export const isAuthorKnown = (verified: Verified | undefined): boolean =>
  verified?.author?.is === 'person' || verified?.breakGlass !== undefined;

/**
 * Why the yes of this person does not count, as a sentence; undefined when it does. Who asked for the release or for
 * this deployment, or to try either again, who wrote the commit and who pushed it do not count, unless the service says so.
 */
export function notCounted(
  deployment: Pick<Deployment, 'plan' | 'requestedBy' | 'retriedBy'>,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
  by: Actor,
  verified: Verified | undefined,
): string | undefined {
  return deployment.plan.selfApproval ? undefined : isHisOwn(deployment, release, by, verified);
}

/** What of it is his own, as a sentence that says so; undefined when nothing is. */
export function isHisOwn(
  deployment: Pick<Deployment, 'requestedBy' | 'retriedBy'>,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
  by: Actor,
  verified: Verified | undefined,
): string | undefined {
  const key = actorKey(by);
  const isHim = (mailbox: Mailbox | undefined): boolean => mailbox?.is === 'person' && mailbox.key === key;
  if (askers(deployment, release).includes(key)) {
    return 'You asked for this release, so somebody else has to approve it.';
  }
  if (isHim(verified?.author)) return 'You wrote this commit, so somebody else has to approve it.';
  if (isHim(verified?.pusher)) return 'You pushed this commit, so somebody else has to approve it.';
  return undefined;
}

/** Who asked for the release or for this deployment, or to try either again, as `team/user`. */
function askers(
  deployment: Pick<Deployment, 'requestedBy' | 'retriedBy'>,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
): string[] {
  const ofRelease = release === undefined ? [] : [release.requestedBy, ...(release.retriedBy ?? [])];
  return [deployment.requestedBy, ...(deployment.retriedBy ?? []), ...ofRelease].map(actorKey);
}

type Consent = Pick<Deployment, 'plan' | 'approvals'>;

/** Who gave his yes while his own word counted is not counted any more once it does not. */
const counted = ({ plan, approvals }: Consent): Approval[] =>
  approvals.filter(({ own }) => plan.selfApproval || own !== true);

/** How many it takes as far as is known: nobody may have been found to be the author at a click. */
export function wanted({ plan, approvals }: Consent): number {
  const forTheAuthor = !plan.selfApproval && approvals.some(({ authorUnknown }) => authorUnknown) ? 2 : 0;
  return Math.max(plan.approvals, approvals.at(-1)?.needed ?? 0, forTheAuthor);
}

/** How many more have to say yes. */
export const moreWanted = (consent: Consent): number =>
  Math.max(0, wanted(consent) - counted(consent).length);

/** What is still missing to a deployment's approval; undefined when all that was asked for is there. */
export function missing(consent: Consent): string | undefined {
  const count = moreWanted(consent);
  if (count > 0) return `${count} more to go.`;
  if (needsOneOf(consent)) return `One of ${oneOfNow(consent).map(mention).join(', ')} is still to say yes.`;
  return undefined;
}

/**
 * Those who hold the right to approve there, whose yes counts, and who have not said it: they are asked and reminded.
 * `wroteIt`: who wrote and pushed the commit (`team/user`), as far as Slack knows them.
 */
export function mustAct(
  powers: Powers,
  deployment: Pick<Deployment, 'environment' | 'approvals' | 'plan' | 'requestedBy' | 'retriedBy'>,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
  wroteIt: readonly string[] = [],
): string[] {
  const { environment, approvals, plan } = deployment;
  const out = new Set(approvals.map(({ by }) => actorKey(by)));
  if (!plan.selfApproval) for (const key of [...askers(deployment, release), ...wroteIt]) out.add(key);
  const listed = holders('approve', powers, environment);
  const still = listed.filter((entry) => !out.has(entry));
  // Enough have agreed but for the one who is required: the others have nothing to do any more.
  const required = oneOfNow(deployment).filter((entry) => !out.has(entry) && mayBeAmong(listed, entry));
  return required.length > 0 && moreWanted(deployment) === 0 && needsOneOf(deployment) ? required : still;
}

/** Whether an entry can hold a right that these hold: who is named one by one is told at once, a group only by Slack. */
const mayBeAmong = (listed: readonly string[], entry: string): boolean =>
  !isPerson(entry) || listed.includes(entry) || !listed.every(isPerson);

/** Of whom one is needed. */
export const oneOfNow = ({ plan }: Pick<Deployment, 'plan'>): string[] => plan.oneOf ?? [];

/** Whether one of those of whom one is required is still to say yes. */
export function needsOneOf(consent: Consent): boolean {
  const named = oneOfNow(consent);
  // Who said yes before the files named him counts as well, by the groups that he was found in then.
  const isNamed = ({ by, at, groups = [] }: Approval): boolean =>
    by.kind === 'person' && named.some((entry) => covers(entry, by, { groups: { in: groups, askedAt: at } }));
  const wasNamed = ({ required, oneOf = named }: Approval): boolean =>
    required === true && oneOf.join() === named.join();
  return named.length > 0 && !counted(consent).some((one) => wasNamed(one) || isNamed(one));
}

/** Whether a person is one of those of whom one is needed. */
export const isRequired = (
  { plan }: Pick<Deployment, 'plan'>,
  by: Actor,
  verified: Verified | undefined,
): boolean => by.kind === 'person' && (plan.oneOf ?? []).some((entry) => covers(entry, by, verified));

/** Why approvals that were given do not hold any more at launch; undefined when they do. */
export function outworn(
  { plan, approvals }: Pick<Deployment, 'plan' | 'approvals'>,
  release: Pick<Release, 'generation'> | undefined,
  now: At,
): 'too old' | 'other tests' | undefined {
  if (approvals.some(({ at }) => now - at > plan.approveWithin)) return 'too old';
  return approvals.some(({ tests }) => isOther(tests, release)) ? 'other tests' : undefined;
}

const isOther = (tests: Approval['tests'], release: Pick<Release, 'generation'> | undefined): boolean =>
  tests !== undefined && tests.generation !== release?.generation;
