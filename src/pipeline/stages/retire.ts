import type { Deployment, Serving } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import type { TaskOrder } from '../domain/task.ts';
import type { Millis } from '../domain/time.ts';
import { hasNoTraffic } from '../domain/traffic.ts';
import type { DeploymentStageRules, Heard, StageContext, Step } from './contract.ts';
import { passed, skipped } from './contract.ts';
import { deploymentSubject, frontendOf, nextEpoch, order } from './orders.ts';

/**
 * The old one goes when a person, or the clock, says so: the new one is looked at once more, the old one is drained
 * and taken out, the point of no return is recorded, and only then is it terminated.
 */
export const retire: DeploymentStageRules = {
  name: 'retire',
  doing: 'retiring the old one',
  next(deployment, context) {
    const slot = context.facts.slots.get(deployment.environment);
    if (deployment.retiringSince !== undefined) return ending(deployment, context);
    const beside = slot?.beside;
    if (beside === undefined) return skipped;
    if (!isToGo(deployment)) return waitForSomebody(deployment, context);
    if (slot?.lease === undefined)
      return { is: 'decided', events: [leaseTaken(deployment, nextEpoch(slot, context.facts))] };
    if (slot.lease.deployment !== deployment.id) return waitForSlot(deployment, context);
    return leaving(deployment, beside, context);
  },
  heard(deployment, heard) {
    const { service, environment, version, id } = deployment;
    const about = { service, environment, version, deployment: id };
    if (heard.kind === 'drain') return [{ type: 'OldDrained', ...about }];
    if (heard.kind === 'terminate') {
      return [
        { type: 'DeploymentStepDone', ...about, effect: heard.effect },
        { type: 'OldRetired', ...about, version: deployment.retiring?.version ?? version },
      ];
    }
    if (heard.kind === 'survey') return surveyed(deployment, heard);
    return [];
  },
  undo: () => [],
};

/** Somebody, or the clock, wants the old one gone. */
const isToGo = (deployment: Deployment): boolean =>
  deployment.retireRequestedBy !== undefined || waitOf(deployment) <= 0;

/**
 * The moment for hooks before it: the old one is to go, and nothing has been done to it. The slot is not taken yet, so that
 * whatever they wait for keeps nobody from repairing the new one or from going back.
 */
export const retireBegins = (deployment: Deployment, { facts }: StageContext): boolean =>
  deployment.retiringSince === undefined &&
  isToGo(deployment) &&
  facts.slots.get(deployment.environment)?.lease?.deployment !== deployment.id;

/** Which try at retiring it is: a refusal and a retry each begin a new one. */
export const retireRound = ({ generation, retireRefusals }: Deployment): number =>
  generation + retireRefusals;

const shortestPause = 10_000;
const longestPause = 300_000;

/** After a refusal the slot is left free for a while: what is wrong with the new one is repaired under its lease. */
function waitOf({ kind, plan, retireRefusals }: Deployment): Millis {
  if (kind === 'repair') return 0;
  const pause = retireRefusals === 0 ? 0 : Math.min(shortestPause * 2 ** (retireRefusals - 1), longestPause);
  // A worker that was left goes on taking work as long as it runs.
  const isLeft = kind === 'rollback' && hasNoTraffic(plan);
  return Math.max(isLeft ? 0 : plan.retireAfter, pause);
}

function waitForSomebody(deployment: Deployment, { now }: StageContext): Step {
  const since = deployment.stages.retire.beganAt ?? now;
  return {
    is: 'wait',
    wait: { for: 'retire', owner: 'developers', since, until: since + waitOf(deployment) },
  };
}

function waitForSlot(deployment: Deployment, { now }: StageContext): Step {
  const since = deployment.wait?.for === 'slot' ? deployment.wait.since : now;
  return {
    is: 'wait',
    wait: { for: 'slot', owner: 'bakery', since, until: since + deployment.plan.approveWithin },
  };
}

const leaseTaken = ({ service, environment, version, id }: Deployment, epoch: number): Event => ({
  type: 'LeaseTaken',
  service,
  environment,
  version,
  deployment: id,
  epoch,
});

function leaving(deployment: Deployment, old: Serving, context: StageContext): Step {
  if (!deployment.done.includes(surveyEffect(deployment)) && deployment.kind !== 'repair') {
    return { is: 'tasks', orders: [survey(deployment, context)] };
  }
  const { service, environment, version, id } = deployment;
  // A worker finishes what it has begun when it is told to end.
  if (!deployment.drained && hasNoTraffic(deployment.plan))
    return { is: 'decided', events: [{ type: 'OldDrained', service, environment, version, deployment: id }] };
  if (!deployment.drained) return { is: 'tasks', orders: [drain(deployment, old, context)] };
  return {
    is: 'decided',
    events: [{ type: 'RetireCommitted', service, environment, version, deployment: id, old }],
  };
}

function ending(deployment: Deployment, context: StageContext): Step {
  const old = deployment.retiring;
  const effect = `end.${deployment.id}`;
  if (old === undefined || deployment.done.includes(effect)) return passed;
  const { plan } = deployment;
  const grace = hasNoTraffic(plan) ? Math.max(deployment.grace, plan.drain) : deployment.grace;
  const terminate = order(
    {
      kind: 'terminate',
      longer: grace,
      effect,
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'retire',
      input: {
        provider: plan.provider,
        owner: context.facts.owner,
        made: old.instances.map(({ effect, generation }) => ({ effect, generation })),
        known: old.instances.map(({ id }) => id),
        grace,
      },
    },
    context,
  );
  return { is: 'tasks', orders: [terminate] };
}

const surveyEffect = (deployment: Deployment): string => `survey.${deployment.id}.${retireRound(deployment)}`;

function survey(deployment: Deployment, context: StageContext): TaskOrder {
  return order(
    {
      kind: 'survey',
      effect: surveyEffect(deployment),
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'retire',
      input: {
        provider: deployment.plan.provider,
        balancer: deployment.plan.balancer,
        frontend: frontendOf(deployment),
        instances: deployment.instances,
        health: deployment.health,
      },
    },
    context,
  );
}

function drain(deployment: Deployment, old: Serving, context: StageContext): TaskOrder {
  return order(
    {
      kind: 'drain',
      effect: `drain.${deployment.id}.${retireRound(deployment)}`,
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'retire',
      longer: deployment.plan.drain,
      input: {
        balancer: deployment.plan.balancer,
        frontend: frontendOf(deployment),
        instances: old.instances,
        deadline: context.now + deployment.plan.drain,
        epoch: context.facts.slots.get(deployment.environment)?.epoch ?? 0,
      },
    },
    context,
  );
}

/** The old one is only let go while the new one is healthy. */
function surveyed(deployment: Deployment, heard: Heard & { kind: 'survey' }): Event[] {
  const { service, environment, version, id, instances } = deployment;
  const about = { service, environment, version, deployment: id };
  const { alive, unwell = [], weights } = heard.result;
  // Somebody gave all traffic to another one meanwhile: what seems to be old may be what serves.
  const serves = weights === undefined || instances.some(({ id }) => (weights[id] ?? 0) > 0);
  if (serves && instances.every(({ id }) => alive.includes(id) && !unwell.includes(id))) {
    return [{ type: 'DeploymentStepDone', ...about, effect: heard.effect }];
  }
  return [
    { type: 'RetireRefused', ...about },
    { type: 'LeaseReleased', ...about, epoch: deployment.epoch ?? 0 },
  ];
}
