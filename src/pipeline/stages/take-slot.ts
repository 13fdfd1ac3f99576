import { outworn } from '../domain/consent.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import { freezeOf } from '../domain/freeze.ts';
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
function heldBack(deployment: Deployment, { facts, now }: StageContext): Step | undefined {
  if (deployment.override !== undefined) return undefined;
  const { service, environment, version, id, plan } = deployment;
  const frozen = freezeOf(facts, environment, now);
  const because =
    plan.promotion === 'auto'
      ? undefined
      : frozen === undefined
        ? outworn(deployment, facts.releases.get(version), now)
        : 'freeze';
  if (because !== undefined) {
    return {
      is: 'decided',
      events: [{ type: 'ApprovalsVoided', service, environment, version, deployment: id, because }],
    };
  }
  const since = deployment.stages[deployment.stage]?.beganAt ?? now;
  if (frozen !== undefined) {
    return { is: 'wait', wait: { for: 'freeze', owner: 'operators', since, until: frozen.until } };
  }
  const lock = facts.slots.get(environment)?.lock;
  return lock === undefined
    ? undefined
    : { is: 'wait', wait: { for: 'lock', owner: 'holder', since, until: lock.until } };
}
