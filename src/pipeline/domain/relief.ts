import { type Deployment, isDeploymentOver, mayServe, type Serving } from './deployment.ts';
import type { Facts } from './facts.ts';
import { hasNoTraffic } from './traffic.ts';

/** Whether this is the effect by which what was live before a deployment gets its traffic back. */
export const isBackShift = ({ deployment, effect }: { deployment: string; effect: string }): boolean =>
  effect === `undo.shift.${deployment}` || effect.startsWith(`undo.shift.${deployment}.`);

/** How often its traffic was to go back and did not: each try is an effect of its own. */
export const triesOf = ({ id, done }: Deployment): number =>
  done.filter((effect) => isBackShift({ deployment: id, effect })).length;

type Known = Pick<Facts, 'slots' | 'deployments'>;

/**
 * What has to serve again before a release that failed is taken down; undefined for one that never had traffic, and for
 * one before which nothing served. What served before may be gone by then, and a bad release is better than none.
 */
export function reliefOf(deployment: Deployment): Serving | undefined {
  const { kind, old, warm, plan } = deployment;
  if (kind !== 'release' || warm || hasNoTraffic(plan) || !mayServe(deployment)) return undefined;
  return old;
}

/** Whether something else serves by now: what was live took its traffic back, or a newer one has it. */
export const isRelieved = (deployment: Deployment, known: Known): boolean =>
  deployment.relieved === true || isSucceeded(deployment, known);

/** Whether it failed and may serve all the same, since nothing else does. */
export const servesOn = (deployment: Deployment, known: Known): boolean =>
  deployment.state === 'undoing' && reliefOf(deployment) !== undefined && !isRelieved(deployment, known);

/** The same once what served before it was asked to take its traffic back, and did not. */
export const isStuck = (deployment: Deployment): boolean =>
  deployment.state === 'undoing' &&
  deployment.relieved !== true &&
  triesOf(deployment) > 0 &&
  reliefOf(deployment) !== undefined;

/** Whether somebody who took the slot later has gone live in it. */
export function isSucceeded(
  { environment, id, epoch = 0 }: Deployment,
  { slots, deployments }: Known,
): boolean {
  const live = slots.get(environment)?.live;
  const holder = live === undefined ? undefined : deployments.get(live.deployment);
  return holder !== undefined && holder.id !== id && holder.wentLive && (holder.epoch ?? 0) > epoch;
}

/** Who took the slot later, or is about to without waiting for anybody, and has yet to go live. */
export function successorOf(
  { environment, id, epoch = 0 }: Deployment,
  { slots, deployments }: Known,
): Deployment | undefined {
  const open = (slots.get(environment)?.open ?? []).flatMap((other) => deployments.get(other) ?? []);
  return open.find(
    (other) =>
      other.id !== id &&
      !isDeploymentOver(other) &&
      !other.wentLive &&
      (other.epoch === undefined ? other.kind === 'rollback' : other.epoch > epoch),
  );
}
