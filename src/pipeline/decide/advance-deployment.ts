import { theClock } from '../domain/actor.ts';
import { type Deployment, isDeploymentOver, stagesOf, type Wait } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import type { Fault } from '../domain/fault.ts';
import { isSucceeded, servesOn, successorOf } from '../domain/relief.ts';
import type { TaskOrder } from '../domain/task.ts';
import { hasNoTraffic, stopsOldFirst } from '../domain/traffic.ts';
import type { Step } from '../stages/contract.ts';
import { withHooks } from '../stages/hooks.ts';
import { deploymentProcess, deploymentRules } from '../stages/index.ts';
import { deploymentSubject } from '../stages/orders.ts';
import { bringBack } from './bring-back.ts';
import type { Draft } from './draft.ts';
import { climb, hasBegun, openIn } from './ladder.ts';

/** Takes a deployment as far as it can go now. */
export function advanceDeployment(draft: Draft, id: string): void {
  while (step(draft, id));
}

/** One step; true when there may be another. */
function step(draft: Draft, id: string): boolean {
  const deployment = draft.facts.deployments.get(id);
  switch (deployment?.state) {
    case 'running':
      return run(draft, deployment);
    case 'stopping':
      if (
        draft.openTasks(deploymentSubject(deployment)).length > 0 ||
        mustWaitForOvertaker(draft, deployment)
      ) {
        return false;
      }
      draft.emit({ type: 'DeploymentUndoBegan', ...aboutOf(deployment) });
      return true;
    case 'undoing':
      return undo(draft, deployment);
    default:
      return false;
  }
}

function run(draft: Draft, deployment: Deployment): boolean {
  const { stage, generation } = deployment;
  if ((deployment.stages[stage]?.state ?? 'waiting') === 'waiting') {
    draft.emit({ type: 'DeploymentStageBegan', ...aboutOf(deployment), stage, generation });
    return true;
  }
  const context = { facts: draft.facts, now: draft.now };
  const wanted = deploymentRules(stage).next(deployment, context);
  return take(draft, deployment, withHooks(deployment, wanted, context));
}

function take(draft: Draft, deployment: Deployment, wanted: Step): boolean {
  const { stage } = deployment;
  switch (wanted.is) {
    case 'tasks':
      draft.order(wanted.orders);
      return false;
    case 'decided':
      draft.emit(...wanted.events);
      if (wanted.events.some(({ type }) => type === 'WentLive')) afterLive(draft, deployment);
      return true;
    case 'wait':
      waitFor(draft, deployment, wanted.wait);
      return false;
    case 'failed':
      fail(draft, deployment, wanted.failure);
      return true;
    case 'passed':
      draft.emit({ type: 'DeploymentStagePassed', ...aboutOf(deployment), stage, skipped: wanted.skipped });
      return enterNext(draft, deployment);
  }
}

function waitFor(draft: Draft, deployment: Deployment, wait: Wait): void {
  const known = deployment.wait;
  if (known?.for !== wait.for || known.until !== wait.until) {
    draft.emit({ type: 'DeploymentWaits', ...aboutOf(deployment), wait });
  }
  if (wait.for === 'slot') hurryRetire(draft, deployment);
}

/** At most two releases run in a slot: the one before the live one goes before a third is started. */
function hurryRetire(draft: Draft, waiting: Deployment): void {
  const live = draft.facts.slots.get(waiting.environment)?.live;
  const holder = live === undefined ? undefined : draft.facts.deployments.get(live.deployment);
  const slot = draft.facts.slots.get(waiting.environment);
  if (holder === undefined || holder.id === waiting.id || slot?.beside === undefined) return;
  if (isDeploymentOver(holder) && slot.lease === undefined) retryRetire(draft, holder);
  else if (holder.state !== 'running' || holder.stage !== 'retire' || holder.retireRequestedBy !== undefined)
    return;
  draft.emit({ type: 'RetireRequested', ...aboutOf(holder), by: theClock, at: draft.now });
  draft.wake(deploymentSubject(holder));
}

/**
 * What was overtaken by a rollback that then came to nothing is what is live again, and what runs beside it is still
 * its to retire: nothing may run with nobody to end it.
 */
function resumeRetire(draft: Draft, environment: string): void {
  const slot = draft.facts.slots.get(environment);
  const holder = slot?.live === undefined ? undefined : draft.facts.deployments.get(slot.live.deployment);
  if (holder === undefined || slot?.beside === undefined || slot.lease !== undefined) return;
  if (!isDeploymentOver(holder) || openIn(draft, environment).some(hasBegun)) return;
  retryRetire(draft, holder);
  draft.wake(deploymentSubject(holder));
}

/** The one that should have retired the old one ended before it had: it takes that up again. */
function retryRetire(draft: Draft, holder: Deployment): void {
  draft.emit({
    type: 'DeploymentRetried',
    ...aboutOf(holder),
    by: theClock,
    stage: 'retire',
    generation: holder.generation + 1,
    plan: holder.plan,
    keepApprovals: true,
  });
}

/** Ends a stage with a failure. What was live stays live, or is made live again. */
export function fail(draft: Draft, deployment: Deployment, failure: Parameters<Draft['failure']>[1]): void {
  const as = goesBack(deployment, failure.fault) ? 'went back' : 'failed';
  draft.emit({
    type: 'DeploymentStageFailed',
    ...aboutOf(deployment),
    failure: draft.failure(deployment.stage, failure),
    as,
  });
  draft.stop(deploymentSubject(deployment));
}

/** What is a release's own doing. What failed around it on the way to its traffic is not held against it. */
const itsOwn: ReadonlySet<Fault> = new Set<Fault>(['limit broken', 'unhealthy', 'exited']);

/** Whether a failure now takes traffic back from a release: only one that has something to go back to. */
function goesBack({ stage, kind, old, wentLive, share }: Deployment, fault: Fault): boolean {
  if (kind !== 'release' || old === undefined) return false;
  if (stage === 'soak') return wentLive;
  // A limit is broken by traffic: then the step is done, though nobody has heard of it yet.
  const tookTraffic = share > 0 || fault === 'limit broken';
  return stage === 'cut-over' && tookTraffic && itsOwn.has(fault);
}

function enterNext(draft: Draft, { id, stage, generation }: Deployment): boolean {
  const deployment = draft.facts.deployments.get(id);
  if (deployment === undefined) return false;
  const about = aboutOf(deployment);
  if (stage === 'soak') afterSoak(draft, deployment);
  const stages = stagesOf(deployment);
  const next = stages[stages.indexOf(stage) + 1];
  if (next !== undefined) {
    draft.emit({ type: 'DeploymentStageBegan', ...about, stage: next, generation });
    return true;
  }
  draft.emit({ type: 'DeploymentFinished', ...about });
  wakeSlot(draft, deployment);
  return false;
}

function afterLive(draft: Draft, deployment: Deployment): void {
  const { kind, old, version, environment } = deployment;
  if (kind === 'rollback' && old !== undefined && old.version !== version) {
    quarantine(draft, deployment, old.version);
  }
  for (const other of openIn(draft, environment)) {
    if (other.state === 'stopping') draft.wake(deploymentSubject(other));
  }
}

/** The slot is free for others; a release climbs on. */
function afterSoak(draft: Draft, deployment: Deployment): void {
  if (deployment.epoch !== undefined) {
    draft.emit({ type: 'LeaseReleased', ...aboutOf(deployment), epoch: deployment.epoch });
  }
  if (deployment.kind === 'release' && deployment.anew !== true)
    climb(draft, deployment.version, deployment.environment);
  wakeSlot(draft, deployment);
}

function wakeSlot(draft: Draft, { environment, id }: Deployment): void {
  for (const other of openIn(draft, environment)) if (other.id !== id) draft.wake(deploymentSubject(other));
}

/** Blocks a release that was left, there and on every rung above, until a person lifts it. */
export function quarantine(draft: Draft, deployment: Deployment, version: number): void {
  const names = draft.facts.policy.environments.map(({ name }) => name);
  const environments = names.slice(names.indexOf(deployment.environment));
  const { kind, reason, requestedBy } = deployment;
  const by = kind === 'rollback' ? requestedBy : theClock;
  const because = kind === 'rollback' && reason !== undefined ? { reason } : {};
  draft.emit({ type: 'ReleaseQuarantined', ...aboutOf(deployment), version, environments, by, ...because });
}

/** Traffic is the overtaker's until it has moved it: only then is what was overtaken taken down. */
function mustWaitForOvertaker(draft: Draft, { overtakenBy, epoch, plan, stage }: Deployment): boolean {
  if (overtakenBy === undefined || epoch === undefined || stopsOldFirst(plan)) return false;
  // Nothing of it has traffic yet, and the database is not to be changed under who takes over.
  if (stage === 'migrate') return false;
  const overtaker = draft.facts.deployments.get(overtakenBy);
  return overtaker !== undefined && !isDeploymentOver(overtaker) && !overtaker.wentLive;
}

function undo(draft: Draft, deployment: Deployment): boolean {
  if (returnsWithoutTraffic(draft, deployment)) return true;
  if (waitsForSuccessor(draft, deployment)) return false;
  const next = undoOrders(draft, deployment).find(({ effect }) => !deployment.done.includes(effect));
  if (next !== undefined) {
    draft.order([next]);
    return false;
  }
  draft.emit({ type: 'DeploymentEnded', ...aboutOf(deployment), as: deployment.endsAs ?? 'failed' });
  resumeRetire(draft, deployment.environment);
  bringBack(draft, deployment);
  wakeSlot(draft, deployment);
  return false;
}

/** As long as nothing else serves, it stays; whoever has the slot by now decides where the traffic goes. */
const waitsForSuccessor = ({ facts }: Draft, deployment: Deployment): boolean =>
  servesOn(deployment, facts) && successorOf(deployment, facts) !== undefined;

/** Without traffic nothing has to be moved: what was live before is so again, as soon as the new one is taken down. */
function returnsWithoutTraffic(draft: Draft, deployment: Deployment): boolean {
  const { id, plan, endsAs, wentLive, old, done } = deployment;
  const effect = `undo.live.${id}`;
  const isBack = !hasNoTraffic(plan) || endsAs !== 'went back' || !wentLive || done.includes(effect);
  if (isBack || old === undefined) return false;
  draft.emit({ type: 'DeploymentStepDone', ...aboutOf(deployment), effect, returnedTo: old });
  returned(draft, deployment, old.version);
  return true;
}

/** What was live before is live again, and what failed is quarantined. */
export function returned(draft: Draft, deployment: Deployment, version: number): void {
  const about = aboutOf(deployment);
  draft.emit(
    { type: 'TrafficReturned', ...about, version },
    { type: 'LeftBehind', ...about, rolledBack: true },
  );
  quarantine(draft, deployment, deployment.version);
}

/** What is to be undone, newest stage first; nothing of what has become live, unless it goes back by itself. */
function undoOrders(draft: Draft, deployment: Deployment): TaskOrder[] {
  const isAnothers = deployment.endsAs !== 'went back' || isSucceeded(deployment, draft.facts);
  if (deployment.wentLive && isAnothers) return [];
  return deploymentProcess
    .filter(({ name }) => (deployment.stages[name]?.state ?? 'waiting') !== 'waiting')
    .toReversed()
    .flatMap((rules) => rules.undo(deployment, { facts: draft.facts, now: draft.now }));
}

type About = Pick<
  Event & { type: 'DeploymentFinished' },
  'service' | 'environment' | 'version' | 'deployment'
>;

/** What every event of a deployment names. */
export const aboutOf = ({ service, environment, version, id }: Deployment): About => ({
  service,
  environment,
  version,
  deployment: id,
});
