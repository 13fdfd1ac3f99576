import { theClock } from '../domain/actor.ts';
import type { Facts } from '../domain/facts.ts';
import type { At } from '../domain/time.ts';
import { frontendOf, order } from '../stages/orders.ts';
import { advance } from './advance.ts';
import { aboutOf } from './advance-deployment.ts';
import { type Decision, Draft } from './draft.ts';
import { heldIn } from './held.ts';
import { trafficOf } from './put-right.ts';

/** A wait whose time has come: what was promised happens. */
export function deadlinePassed(facts: Facts, id: string, now: At): Decision {
  const draft = new Draft(facts, now);
  const deployment = facts.deployments.get(id);
  const sentence = `The wait of ${id} is over.`;
  if (deployment?.wait === undefined || deployment.state !== 'running' || deployment.wait.until > now) {
    return draft.decision({ accepted: true, sentence });
  }
  if (deployment.wait.for === 'retire') {
    draft.emit({ type: 'RetireRequested', ...aboutOf(deployment), by: theClock });
  } else {
    draft.emit({ type: 'DeploymentExpired', ...aboutOf(deployment) });
  }
  const { service, environment, version } = deployment;
  advance(draft, { kind: 'deployment', service, environment, id, version });
  return draft.decision({ accepted: true, sentence });
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
      traffic: trafficOf(live, facts.slots.get(environment)),
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
