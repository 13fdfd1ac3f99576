import type { Deployment, Serving } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import type { Instance } from '../domain/instance.ts';
import { isRelieved, reliefOf, triesOf } from '../domain/relief.ts';
import type { HealthCheck } from '../domain/service-file.ts';
import type { TaskOrder } from '../domain/task.ts';
import type { Millis } from '../domain/time.ts';
import { hasNoTraffic } from '../domain/traffic.ts';
import type { DeploymentStageRules, StageContext, Step } from './contract.ts';
import { passed } from './contract.ts';
import { measuringOf, probesAnswered } from './measuring.ts';
import { deploymentSubject, evenly, frontendOf, order, ownedBy } from './orders.ts';

/** Puts the new ones behind the balancer, waits until it calls them healthy, then moves traffic step by step. */
export const cutOver: DeploymentStageRules = {
  name: 'cut-over',
  doing: 'moving traffic',
  next(deployment, context) {
    if (hasNoTraffic(deployment.plan)) return takeOver(deployment, context);
    if (!deployment.admitted) return { is: 'tasks', orders: [admit(deployment, context)] };
    if (deployment.share < 100) {
      const order = pauseIsOver(deployment, context)
        ? shift(deployment, context)
        : watch(deployment, context);
      return { is: 'tasks', orders: [order] };
    }
    if (!deployment.wentLive) return { is: 'decided', events: wentLive(deployment, context) };
    return passed;
  },
  heard(deployment, heard) {
    const { service, environment, version, id } = deployment;
    const about = { service, environment, version, deployment: id };
    if (heard.kind === 'admit')
      return [
        { type: 'InstancesAdmitted', ...about },
        ...probesAnswered(deployment, 'before', heard.result.probes),
      ];
    if (heard.kind !== 'shift' && heard.kind !== 'watch') return [];
    const { requests, failed, probes } = heard.result;
    const measured = probesAnswered(deployment, 'during', probes);
    if (heard.effect === stillWellEffect(deployment)) return [{ type: 'InstancesAdmitted', ...about }];
    if (heard.kind === 'watch')
      return [...measured, { type: 'DeploymentStepDone', ...about, effect: heard.effect }];
    return [
      ...measured,
      { type: 'TrafficShifted', ...about, share: nextShare(deployment) },
      { type: 'TrafficMeasured', ...about, requests, failed },
    ];
  },
  undo(deployment, context) {
    if (hasNoTraffic(deployment.plan)) return [];
    const back = goesBackTo(deployment, context);
    return [
      ...(back === undefined ? [] : [shiftBack(deployment, back, context)]),
      ...(deployment.warm ? [] : [takeOut(deployment, context)]),
    ];
  },
};

/** Whose traffic it is again; undefined where whoever took the slot, or nobody, has to have it. */
function goesBackTo(deployment: Deployment, { facts }: StageContext): Serving | undefined {
  const relief = reliefOf(deployment);
  if (relief !== undefined) return isRelieved(deployment, facts) ? undefined : relief;
  // Whoever overtook the slot decides where its traffic goes; a rollback has nothing better to go back to.
  return deployment.endsAs === 'overtaken' || deployment.kind === 'rollback' ? undefined : deployment.old;
}

/** No traffic has to move: what was started is healthy, and what ran already is looked at once more. */
function takeOver(deployment: Deployment, context: StageContext): Step {
  const { service, environment, version, id, warm, admitted, share, wentLive: isLive } = deployment;
  const about = { service, environment, version, deployment: id };
  if (!admitted)
    return warm
      ? { is: 'tasks', orders: [stillWell(deployment, context)] }
      : { is: 'decided', events: [{ type: 'InstancesAdmitted', ...about }] };
  if (share < 100) return { is: 'decided', events: [{ type: 'TrafficShifted', ...about, share: 100 }] };
  return isLive ? passed : { is: 'decided', events: wentLive(deployment, context) };
}

const stillWellEffect = ({ id }: Deployment): string => `admit.${id}`;

function stillWell(deployment: Deployment, context: StageContext): TaskOrder {
  const { plan, instances, health, generation, epoch = 0 } = deployment;
  const about = { generation, subject: deploymentSubject(deployment), stage: 'cut-over' };
  const { balancer, provider } = plan;
  const input = {
    ...{ balancer, provider, instances, health, epoch, weights: {} },
    frontend: frontendOf(deployment),
    until: context.now,
  };
  return order({ kind: 'watch', effect: stillWellEffect(deployment), ...about, input }, context);
}

/** Steps of a rollback and a repair: all at once, since every second counts. */
export function stepsOf({ kind, plan, old }: Deployment): number[] {
  return kind === 'release' && old !== undefined ? plan.steps : [100];
}

const nextShare = (deployment: Deployment): number =>
  stepsOf(deployment).find((share) => share > deployment.share) ?? 100;

function admit(deployment: Deployment, context: StageContext): TaskOrder {
  return order(
    {
      kind: 'admit',
      effect: `admit.${deployment.id}`,
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'cut-over',
      input: {
        balancer: deployment.plan.balancer,
        frontend: frontendOf(deployment),
        instances: deployment.instances,
        health: deployment.warm ? stillHealthy(deployment.health) : deployment.health,
        epoch: deployment.epoch ?? 0,
        owned: ownedBy(deployment, context),
        // What is there before is the old one's; a rollback has no time to look at it.
        ...(deployment.kind === 'release' && deployment.old !== undefined
          ? { measure: measuringOf(deployment) }
          : {}),
      },
    },
    context,
  );
}

/** What ran already was healthy before: it need not get warm, and a rollback has no time to find out. */
const stillHealthy = (health: HealthCheck): HealthCheck => ({
  ...health,
  within: Math.min(health.within, 5_000),
});

/** Between two steps the new one is watched, so that a bad one goes back before it gets more. */
const watchEffect = ({ id, share }: Deployment): string => `watch.${id}.${share}`;

const pauseIsOver = (deployment: Deployment, { facts }: StageContext): boolean =>
  deployment.share === 0 ||
  deployment.plan.pause === 0 ||
  deployment.done.includes(watchEffect(deployment)) ||
  // Ordered by a Bakery that only waited between two steps.
  facts.tasks.some(({ effect }) => effect === shiftEffect(deployment));

function watch(deployment: Deployment, context: StageContext): TaskOrder {
  const { balancer, provider, pause } = deployment.plan;
  return order(
    {
      kind: 'watch',
      effect: watchEffect(deployment),
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'cut-over',
      longer: pause,
      input: {
        balancer,
        provider,
        frontend: frontendOf(deployment),
        instances: deployment.instances,
        weights: weightsFor(deployment, deployment.share),
        health: deployment.health,
        until: context.now + pause,
        epoch: deployment.epoch ?? 0,
        owned: ownedBy(deployment, context),
        measure: measuringOf(deployment),
      },
    },
    context,
  );
}

const shiftEffect = (deployment: Deployment): string => `shift.${deployment.id}.${nextShare(deployment)}`;

function shift(deployment: Deployment, context: StageContext): TaskOrder {
  const share = nextShare(deployment);
  return order(
    {
      kind: 'shift',
      effect: shiftEffect(deployment),
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'cut-over',
      input: {
        balancer: deployment.plan.balancer,
        frontend: frontendOf(deployment),
        weights: weightsFor(deployment, share),
        epoch: deployment.epoch ?? 0,
        measure: measuringOf(deployment),
      },
    },
    context,
  );
}

const shiftBackPause: Millis = 15_000;

/** All that serve once it is live. */
const ownOf = ({ keeps = [], instances }: Deployment): Instance[] => [...keeps, ...instances];

/** The weights at which the new ones get `share` percent and the old ones the rest. */
export function weightsFor(deployment: Deployment, share: number): Record<string, number> {
  const own = ownOf(deployment).map(({ id }) => id);
  const old = (deployment.old?.instances ?? []).map(({ id }) => id).filter((id) => !own.includes(id));
  return { ...evenly(old, 100 - share), ...evenly(own, share) };
}

/** Once; tried anew for as long as nothing else serves, each time as an effect of its own. */
function shiftBack(deployment: Deployment, old: Serving, context: StageContext): TaskOrder {
  const effect = `undo.shift.${deployment.id}`;
  const tries = reliefOf(deployment) === undefined ? 0 : triesOf(deployment);
  const slot = context.facts.slots.get(deployment.environment);
  return order(
    {
      kind: 'shift',
      effect: tries === 0 ? effect : `${effect}.${tries + 1}`,
      notBefore: context.now + (tries === 0 ? 0 : shiftBackPause),
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'cut-over',
      undo: true,
      input: {
        balancer: deployment.plan.balancer,
        frontend: frontendOf(deployment),
        weights: evenly(
          old.instances.map(({ id }) => id),
          100,
        ),
        // Who took the slot meanwhile and came to nothing has raised it.
        epoch: slot?.epoch ?? deployment.epoch ?? 0,
      },
    },
    context,
  );
}

function takeOut(deployment: Deployment, context: StageContext): TaskOrder {
  const slot = context.facts.slots.get(deployment.environment);
  return order(
    {
      kind: 'drain',
      effect: `undo.admit.${deployment.id}`,
      generation: deployment.generation,
      subject: deploymentSubject(deployment),
      stage: 'cut-over',
      undo: true,
      input: {
        balancer: deployment.plan.balancer,
        frontend: frontendOf(deployment),
        instances: deployment.instances,
        deadline: context.now + deployment.plan.drain,
        epoch: slot?.epoch ?? deployment.epoch ?? 0,
      },
    },
    context,
  );
}

function wentLive(deployment: Deployment, { facts, now }: StageContext): Event[] {
  const { service, environment, version, id, kind, old, plan } = deployment;
  const about = { service, environment, version, deployment: id };
  const instances = ownOf(deployment);
  const serving: Serving = { version, deployment: id, instances, settings: plan.settings.digest, since: now };
  const beside = facts.slots.get(environment)?.beside;
  const left = deployment.stoppedOld === true ? undefined : whatStays(deployment, beside);
  const live: Event = {
    type: 'WentLive',
    ...about,
    serving,
    ...(left === undefined ? {} : { left }),
    production: plan.production,
    kind,
  };
  if (old === undefined || old.version === version) return [live];
  return [live, { type: 'LeftBehind', ...about, version: old.version, rolledBack: kind === 'rollback' }];
}

/** What still runs beside the new live one and is to be retired: all that was there before it. */
function whatStays(deployment: Deployment, beside: Serving | undefined): Serving | undefined {
  const own = new Set(ownOf(deployment).map(({ id }) => id));
  const others = [deployment.old, beside]
    .filter((serving) => serving !== undefined)
    .map((serving) => ({ ...serving, instances: serving.instances.filter(({ id }) => !own.has(id)) }))
    .filter(({ instances }) => instances.length > 0);
  const [first] = others;
  return first === undefined
    ? undefined
    : { ...first, instances: others.flatMap(({ instances }) => instances) };
}
