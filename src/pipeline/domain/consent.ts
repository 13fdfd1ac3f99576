import { type Actor, actorKey } from './actor.ts';
import type { Approval, Deployment } from './deployment.ts';
import type { Release } from './release.ts';
import { covers, holders, mention, type Powers } from './rights.ts';
import type { At } from './time.ts';
import type { Mailbox, Verified } from './verified.ts';

/**
 * How many people have to agree: one more than the author's own word where nobody knows who the author is. An operator
 * who breaks the glass, with a reason that is told aloud, is not asked for a second one on that account.
 */
export function needed({ plan }: Pick<Deployment, 'plan'>, verified: Verified | undefined): number {
  const isKnown = verified?.author?.is === 'person' || verified?.breakGlass !== undefined;
  if (plan.selfApproval || isKnown) return plan.approvals;
  return Math.max(plan.approvals, 2);
}

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
  if (deployment.plan.selfApproval) return undefined;
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

/** How many it takes as far as is known: the files may ask for more than they did at the last click. */
export const wanted = ({ plan, approvals }: Pick<Deployment, 'plan' | 'approvals'>): number =>
  Math.max(plan.approvals, approvals.at(-1)?.needed ?? 0);

/** What is still missing to a deployment's approval; undefined when all that was asked for is there. */
export function missing({ plan, approvals }: Pick<Deployment, 'plan' | 'approvals'>): string | undefined {
  const count = wanted({ plan, approvals }) - approvals.length;
  if (count > 0) return `${count} more to go.`;
  if (needsOneOf({ plan, approvals }))
    return `One of ${oneOfNow({ plan, approvals }).map(mention).join(', ')} is still to say yes.`;
  return undefined;
}

/** Those who hold the right to approve there, whose yes counts, and who have not said it: they are asked and reminded. */
export function mustAct(
  powers: Powers,
  deployment: Pick<Deployment, 'environment' | 'approvals' | 'plan' | 'requestedBy' | 'retriedBy'>,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
): string[] {
  const { environment, approvals, plan } = deployment;
  const out = new Set(approvals.map(({ by }) => actorKey(by)));
  if (!plan.selfApproval) for (const key of askers(deployment, release)) out.add(key);
  return holders('approve', powers, environment).filter((entry) => !out.has(entry));
}

/** Of whom one is needed, as far as is known: the files may name others than they did at the request. */
export const oneOfNow = ({ plan, approvals }: Pick<Deployment, 'plan' | 'approvals'>): string[] =>
  approvals.at(-1)?.oneOf ?? plan.oneOf ?? [];

/** Whether one of those of whom one is required is still to say yes. */
export function needsOneOf({ plan, approvals }: Pick<Deployment, 'plan' | 'approvals'>): boolean {
  const named = oneOfNow({ plan, approvals });
  // Who said yes before the files named him counts as well, by the groups that he was found in then.
  const isNamed = ({ by, at, groups = [] }: Approval): boolean =>
    by.kind === 'person' && named.some((entry) => covers(entry, by, { groups: { in: groups, askedAt: at } }));
  const isChanged = approvals.some(({ oneOf }) => oneOf !== undefined);
  const newest = approvals.at(-1);
  const counts = (one: Approval): boolean =>
    (one.required === true && (!isChanged || one === newest)) || (isChanged && isNamed(one));
  return named.length > 0 && !approvals.some(counts);
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
