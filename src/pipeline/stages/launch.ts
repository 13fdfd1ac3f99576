import type { Deployment, Serving } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import { writableOf } from '../domain/service-file.ts';
import type { TaskOrder } from '../domain/task.ts';
import { hasNoTraffic, stopsOldFirst } from '../domain/traffic.ts';
import type { DeploymentStageRules, StageContext, Step } from './contract.ts';
import { passed } from './contract.ts';
import { deploymentSubject, frontendOf, order, ownedBy } from './orders.ts';
import { takeSlot } from './take-slot.ts';

const launchEffect = (deployment: Deployment, index: number): string => `launch.${deployment.id}.${index}`;

/** How many it starts: a repair only those that are missing. */
const startsOf = ({ plan, keeps = [] }: Deployment): number => plan.count - keeps.length;

/** All that launch makes in the deployment's generation, made already or not. */
export const launchedBy = (deployment: Deployment): { effect: string; generation: number }[] =>
  Array.from({ length: startsOf(deployment) }, (_, index) => ({
    effect: launchEffect(deployment, index),
    generation: deployment.generation,
  }));

/** Takes the slot, and starts new instances from the image; or takes those that still run (a warm rollback). */
export const launch: DeploymentStageRules = {
  name: 'launch',
  doing: 'starting new instances',
  next(deployment, context) {
    const slot = context.facts.slots.get(deployment.environment);
    if (slot?.lease?.deployment !== deployment.id) return takeSlot(deployment, context);
    const first = stopsOldFirst(deployment.plan) ? stopOld(deployment, context) : undefined;
    if (first !== undefined) return first;
    const warm = stillRunning(deployment, context);
    if (deployment.instances.length === 0 && warm !== undefined) {
      const { service, environment, version, id } = deployment;
      const event: Event = {
        type: 'InstancesLaunched',
        service,
        environment,
        version,
        deployment: id,
        instances: warm.instances,
        warm: true,
      };
      return { is: 'decided', events: [event] };
    }
    if (deployment.warm || deployment.instances.length >= startsOf(deployment)) return passed;
    return { is: 'tasks', orders: launches(deployment, context) };
  },
  heard({ service, environment, version, id, old }, heard) {
    const about = { service, environment, version, deployment: id };
    if (heard.kind === 'terminate') return [{ type: 'OldStopped', ...about, old: old?.version ?? version }];
    if (heard.kind !== 'launch') return [];
    const instances = [heard.result.instance];
    return [{ type: 'InstancesLaunched', ...about, instances, warm: false }];
  },
  undo(deployment, context) {
    return deployment.warm ? [] : [removeLaunched(deployment, context)];
  },
};

/** Two may not run at once: what others here have started is waited for, and what runs is ended. */
function stopOld(deployment: Deployment, { facts, now }: StageContext): Step | undefined {
  const { id, environment, generation, plan, grace, keeps = [], stoppedOld } = deployment;
  const slot = facts.slots.get(environment);
  const since = deployment.stages.launch.beganAt ?? now;
  const others = (slot?.open ?? []).flatMap((other) => facts.deployments.get(other) ?? []);
  if (others.some((other) => other.id !== id && other.state !== 'running' && other.epoch !== undefined))
    return { is: 'wait', wait: { for: 'slot', owner: 'bakery', since, until: since + plan.approveWithin } };
  const old = [slot?.live, slot?.beside]
    .flatMap((serving) => serving?.instances ?? [])
    .filter((instance) => !keeps.some((kept) => kept.id === instance.id));
  if (stoppedOld === true || old.length === 0) return undefined;
  const input = {
    provider: plan.provider,
    owner: facts.owner,
    made: old.map(({ effect, generation: of }) => ({ effect, generation: of })),
    known: old.map((instance) => instance.id),
    grace: Math.max(grace, plan.drain),
  };
  const effect = `stop.${id}`;
  const about = { effect, generation, subject: deploymentSubject(deployment), stage: 'launch' };
  const stop = order({ kind: 'terminate', ...about, longer: input.grace, input }, { now });
  return { is: 'tasks', orders: [stop] };
}

/** The wanted release's own instances, when they still run in this slot with the same settings. */
function stillRunning(deployment: Deployment, { facts }: StageContext): Serving | undefined {
  if (deployment.kind !== 'rollback' || deployment.cold || stopsOldFirst(deployment.plan)) return undefined;
  const slot = facts.slots.get(deployment.environment);
  const running = [slot?.rescued, slot?.live, slot?.beside].filter(
    (serving) => serving?.version === deployment.version,
  );
  return running.find((serving) => serving?.settings === deployment.plan.settings.digest) ?? running[0];
}

function launches(deployment: Deployment, context: StageContext): TaskOrder[] {
  const { image, start, health, grace, plan, generation } = deployment;
  const { balancer } = plan;
  const behind = hasNoTraffic(plan) ? {} : { behind: { balancer, frontend: frontendOf(deployment) } };
  return Array.from({ length: startsOf(deployment) }, (_, index) => {
    const effect = launchEffect(deployment, index);
    return order(
      {
        kind: 'launch',
        effect,
        generation,
        subject: deploymentSubject(deployment),
        stage: 'launch',
        input: {
          provider: plan.provider,
          image,
          spec: {
            start,
            health,
            grace,
            settings: plan.settings.values,
            ordinal: index,
            ...writableOf(deployment),
          },
          mark: { ...ownedBy(deployment, context), effect, generation },
          ...behind,
        },
      },
      context,
    );
  });
}

/** Ends what launch made, whether it was heard of or not: it is found by its mark. */
function removeLaunched(deployment: Deployment, context: StageContext): TaskOrder {
  return order(
    {
      kind: 'terminate',
      effect: `undo.launch.${deployment.id}`,
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'launch',
      undo: true,
      input: {
        provider: deployment.plan.provider,
        owner: context.facts.owner,
        made: launchedBy(deployment),
        known: deployment.instances.map(({ id }) => id),
        grace: deployment.grace,
      },
    },
    context,
  );
}
