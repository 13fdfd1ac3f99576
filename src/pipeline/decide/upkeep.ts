import { theClock } from '../domain/actor.ts';
import type { Facts } from '../domain/facts.ts';
import type { At } from '../domain/time.ts';
import { frontendOf, order } from '../stages/orders.ts';
import { advance } from './advance.ts';
import { aboutOf } from './advance-deployment.ts';
import { type Decision, Draft } from './draft.ts';

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
  const slot = facts.slots.get(environment);
  const live = slot?.live;
  const held = live === undefined ? undefined : facts.deployments.get(live.deployment);
  if (slot?.lease === undefined && live !== undefined && held !== undefined) {
    const subject = { kind: 'slot' as const, service: facts.service.service, environment };
    const { plan, health } = held;
    const input = {
      provider: plan.provider,
      balancer: plan.balancer,
      frontend: frontendOf(held),
      instances: live.instances,
      health,
    };
    const effect = `upkeep.${facts.service.service}.${environment}`;
    // Each look is a task of its own; the tenth of a second numbers it.
    const generation = Math.floor(now / 100);
    if (draft.openTasks(subject).length === 0) {
      draft.order([order({ kind: 'survey', effect, subject, generation, stage: 'upkeep', input }, draft)]);
    }
  }
  return draft.decision({ accepted: true, sentence: `Looking at ${environment}.` });
}
