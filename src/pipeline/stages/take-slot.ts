import { askedToday } from '../domain/asked-today.ts';
import { missing, outworn } from '../domain/consent.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import { areFrozenOut, freezeOf } from '../domain/freeze.ts';
import { standingProblem } from '../domain/standing.ts';
import type { StageContext, Step } from './contract.ts';
import { nextEpoch } from './orders.ts';

/** The first thing that a deployment does once people have agreed: the slot is its own, or it waits for it. */
export function takeSlot(deployment: Deployment, { facts, now }: StageContext): Step {
  const { service, environment, version, id } = deployment;
  const slot = facts.slots.get(environment);
  const problem = standingProblem(deployment, facts);
  // A failure is a text itself, so it cannot stand for another one.
  const sentence = problem?.replace(/ \(\{t[0-9a-f]{40}\}\)/, '');
  if (sentence !== undefined) return { is: 'failed', failure: { fault: 'denied', sentence } };
  const held = deployment.kind === 'release' ? heldBack(deployment, { facts, now }) : undefined;
  if (held !== undefined) return held;
  const mustEndFirst =
    slot?.beside !== undefined && slot.beside.version !== version && deployment.kind === 'release';
  if (slot?.lease !== undefined || mustEndFirst) {
    const since = deployment.stages[deployment.stage]?.beganAt ?? now;
    return {
      is: 'wait',
      wait: { for: 'slot', owner: 'bakery', since, until: since + deployment.plan.approveWithin },
    };
  }
  const taken: Event = {
    type: 'LeaseTaken',
    service,
    environment,
    version,
    deployment: id,
    epoch: nextEpoch(slot, facts),
    ...(slot?.live === undefined ? {} : { old: slot.live }),
  };
  return { is: 'decided', events: [taken] };
}

/** What people said against new releases here, looked at once more before anything is started. */
function heldBack(requested: Deployment, context: StageContext): Step | undefined {
  if (requested.override !== undefined) return undefined;
  const { facts, now } = context;
  const deployment = askedToday(requested, facts.policy);
  const { environment, plan } = deployment;
  const again = plan.promotion === 'auto' ? undefined : notAgreed(deployment, context);
  if (again !== undefined) return { is: 'decided', events: [again] };
  const since = deployment.stages[deployment.stage]?.beganAt ?? now;
  const frozen = freezeOf(facts, environment, now);
  if (frozen !== undefined) {
    return { is: 'wait', wait: { for: 'freeze', owner: 'operators', since, until: frozen.until } };
  }
  const lock = facts.slots.get(environment)?.lock;
  return lock === undefined
    ? undefined
    : { is: 'wait', wait: { for: 'lock', owner: 'holder', since, until: lock.until } };
}

/** What has become of the approvals, and is to be written down before people are asked again; undefined when they hold. */
function notAgreed(deployment: Deployment, { facts, now }: StageContext): Event | undefined {
  const { service, environment, version, id } = deployment;
  const about = { service, environment, version, deployment: id };
  const isFrozen = areFrozenOut(deployment, facts, now) || freezeOf(facts, environment, now) !== undefined;
  const because = isFrozen ? 'freeze' : outworn(deployment, facts.releases.get(version), now);
  if (because !== undefined) return { type: 'ApprovalsVoided', ...about, because };
  return missing(deployment) === undefined ? undefined : { type: 'MoreApprovalsAsked', ...about };
}
