import { actorKey, theClock } from '../domain/actor.ts';
import { askedToday } from '../domain/asked-today.ts';
import type { Deployment, Wait } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import { nextNag } from '../domain/lock.ts';
import type { At } from '../domain/time.ts';
import { hasNoTraffic } from '../domain/traffic.ts';
import { reminder } from '../stages/approve.ts';
import { deploymentSubject, frontendOf, order } from '../stages/orders.ts';
import { advance } from './advance.ts';
import { aboutOf } from './advance-deployment.ts';
import { wakeAll } from './commands/freeze.ts';
import { stopWhatWouldLaunchIt } from './commands/revoke.ts';
import { type Decision, Draft } from './draft.ts';
import { heldIn } from './held.ts';
import { openIn } from './ladder.ts';
import { trafficOf } from './put-right.ts';

/** A wait whose time has come: what was promised happens. */
export function deadlinePassed(facts: Facts, id: string, now: At): Decision {
  const draft = new Draft(facts, now);
  const deployment = facts.deployments.get(id);
  const sentence = `The wait of ${id} is over.`;
  if (deployment?.wait === undefined || deployment.state !== 'running') {
    return draft.decision({ accepted: true, sentence });
  }
  if (deployment.wait.until > now) {
    remind(draft, deployment, deployment.wait);
    return draft.decision({ accepted: true, sentence });
  }
  timeIsUp(draft, deployment, deployment.wait);
  const { service, environment, version } = deployment;
  advance(draft, { kind: 'deployment', service, environment, id, version });
  return draft.decision({ accepted: true, sentence });
}

function timeIsUp(draft: Draft, deployment: Deployment, wait: Wait): void {
  const about = aboutOf(deployment);
  switch (wait.for) {
    case 'retire':
      draft.emit({ type: 'RetireRequested', ...about, by: theClock, at: draft.now });
      return;
    case 'freeze':
    case 'lock':
    case 'turn':
      // What it waited for is looked at again when it is advanced.
      return;
    case 'approval':
      if (deployment.plan.atDeadline === 'ask again' && deployment.askedAgainAt === undefined) {
        draft.emit({ type: 'DeploymentAskedAgain', ...about });
        return;
      }
      draft.emit({ type: 'DeploymentExpired', ...about });
      return;
    default:
      draft.emit({ type: 'DeploymentExpired', ...about });
  }
}

/** Those who must act are told once more, and later and later after that. */
function remind(draft: Draft, deployment: Deployment, wait: Wait): void {
  if (wait.remindAt === undefined || wait.remindAt > draft.now) return;
  const { wait: _wait, ...unasked } = askedToday(deployment, draft.facts.policy);
  const again = { ...unasked, reminders: (deployment.reminders ?? 0) + 1 };
  const { remindAt } = reminder(again, wait.since, wait.until, draft);
  draft.emit({
    type: 'DeploymentReminded',
    ...aboutOf(deployment),
    ...(remindAt === undefined ? {} : { next: remindAt }),
  });
}

/** A lock whose time is over ends; a holder is asked whether it is still needed. */
export function lockDue(facts: Facts, environment: string, now: At): Decision {
  const draft = new Draft(facts, now);
  const lock = facts.slots.get(environment)?.lock;
  const { service } = facts.service;
  if (lock !== undefined && lock.until <= now) {
    draft.emit({ type: 'SlotUnlocked', service, environment, by: theClock, was: lock.by });
    for (const one of openIn(draft, environment)) advance(draft, deploymentSubject(one));
  } else if (lock !== undefined && lock.nagAt <= now) {
    const next = facts.calendar.workingTime(nextNag(now, lock.until), [actorKey(lock.by)]);
    draft.emit({ type: 'LockNagged', service, environment, lock, next });
  }
  return draft.decision({ accepted: true, sentence: `Looked at the lock of ${environment}.` });
}

/**
 * A freeze of the configuration began or ended, or one of all services; or the files ask for the yes of others: what
 * waits is looked at again, and its cards name people anew.
 */
export function holdsChanged(facts: Facts, now: At): Decision {
  const draft = new Draft(facts, now);
  wakeAll(draft);
  for (const { name } of facts.policy.environments)
    for (const { id } of openIn(draft, name)) draft.redraw(id);
  return draft.decision({ accepted: true, sentence: `Looked at what waits of ${facts.service.service}.` });
}

/** An image of any service was revoked: what of this one would launch it is stopped. */
export function imagesRevoked(facts: Facts, now: At): Decision {
  const draft = new Draft(facts, now);
  stopWhatWouldLaunchIt(draft, theClock);
  return draft.decision({
    accepted: true,
    sentence: `Looked for revoked images of ${facts.service.service}.`,
  });
}

/** Looks at what is really there of a slot that nobody is changing. */
export function surveySlot(facts: Facts, environment: string, now: At): Decision {
  const draft = new Draft(facts, now);
  const held = heldIn(facts, environment);
  const quiet = facts.slots.get(environment)?.lease === undefined && facts.service.restoring === undefined;
  if (quiet && held !== undefined) {
    const { service } = facts.service;
    const subject = { kind: 'slot' as const, service, environment };
    const { plan, health, live } = held;
    const input = {
      provider: plan.provider,
      balancer: plan.balancer,
      frontend: frontendOf({ service, environment, plan }),
      instances: live.instances,
      health,
      ...(hasNoTraffic(plan) ? {} : { traffic: trafficOf(live, facts.slots.get(environment)) }),
    };
    const effect = `upkeep.${service}.${environment}`;
    // Each look is a task of its own; the tenth of a second numbers it.
    const generation = Math.floor(now / 100);
    if (draft.openTasks(subject).length === 0) {
      draft.order([order({ kind: 'survey', effect, subject, generation, stage: 'upkeep', input }, draft)]);
    }
  }
  return draft.decision({ accepted: true, sentence: `Looking at ${environment}.` });
}
