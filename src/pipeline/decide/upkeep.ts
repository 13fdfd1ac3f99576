import { theClock } from '../domain/actor.ts';
import type { Facts } from '../domain/facts.ts';
import type { Subject } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import type { Heard } from '../stages/contract.ts';
import { frontendOf, order } from '../stages/orders.ts';
import { advance } from './advance.ts';
import { aboutOf } from './advance-deployment.ts';
import { type Decision, Draft } from './draft.ts';
import { openIn, requestDeployment } from './ladder.ts';

/** Two repairs of one slot are at least this far apart. */
export const repairPause = 30_000;

/** What a survey of a slot means: instances that should run and do not are started again from the same image. */
export function repair(draft: Draft, subject: Subject & { kind: 'slot' }, heard: Heard): void {
  const slot = draft.facts.slots.get(subject.environment);
  const live = slot?.live;
  if (heard.kind !== 'survey' || slot === undefined || live === undefined || slot.lease !== undefined) return;
  const alive = new Set(heard.result.alive);
  const lost = live.instances.filter(({ id }) => !alive.has(id)).map(({ id }) => id);
  const release = draft.facts.releases.get(live.version);
  const held = draft.facts.deployments.get(live.deployment);
  if (lost.length === 0 || release === undefined || held === undefined) return;
  if (openIn(draft, subject.environment).some(({ kind }) => kind === 'repair')) return;
  if (held.kind === 'repair' && draft.now - held.requestedAt < repairPause) return;
  const { service, environment } = subject;
  draft.emit({ type: 'InstancesLost', service, environment, version: live.version, lost });
  requestDeployment(draft, { release, plan: held.plan, kind: 'repair', by: theClock });
}

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
