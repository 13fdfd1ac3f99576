import type { Actor } from '../domain/actor.ts';
import type { Deployment } from '../domain/deployment.ts';
import { newSlot } from '../domain/evolve-slot.ts';
import type { Instance } from '../domain/instance.ts';
import type { EnvironmentPolicy } from '../domain/policy.ts';
import type { Release } from '../domain/release.ts';
import { writableOf } from '../domain/service-file.ts';
import { standingProblem } from '../domain/standing.ts';
import { deploymentSubject } from '../stages/orders.ts';
import { type Draft, firstGeneration } from './draft.ts';

/** Asks for the next rung above `environment` (the lowest when none is named), unless there is a reason not to. */
export function climb(draft: Draft, version: number, environment: string | undefined): void {
  const release = draft.facts.releases.get(version);
  const rungs = draft.facts.policy.environments;
  const next = rungs[environment === undefined ? 0 : rungs.findIndex(({ name }) => name === environment) + 1];
  if (release?.image === undefined || next === undefined || release.supersededBy !== undefined) return;
  // What became of its group becomes of it, where they go together.
  if (release.goesWith?.over === true && release.goesWith.environments.includes(next.name)) return;
  const wanted = {
    service: release.service,
    environment: next.name,
    version,
    kind: 'release' as const,
    image: release.image,
  };
  if (standingProblem(wanted, draft.facts) !== undefined || alreadyThere(draft, next.name, version)) return;
  requestDeployment(draft, { release, plan: next, kind: 'release', by: release.requestedBy });
}

function alreadyThere(draft: Draft, environment: string, version: number): boolean {
  const slot = draft.facts.slots.get(environment);
  if (slot?.live?.version === version) return true;
  return (slot?.open ?? []).some((id) => draft.facts.deployments.get(id)?.version === version);
}

export interface DeploymentRequest {
  release: Release;
  plan: EnvironmentPolicy;
  kind: Deployment['kind'];
  by: Actor;
  reason?: string;
  /** Of a repair: what serves on. */
  keeps?: Instance[];
  /** Not with the others of its group. */
  alone?: true;
}

/** Asks for a deployment and starts it; older ones that have not begun to change the slot are overtaken. */
export function requestDeployment(
  draft: Draft,
  { release, plan, kind, by, reason, keeps = [], alone }: DeploymentRequest,
): string {
  const { service, version, image, file } = release;
  if (image === undefined || file === undefined) throw new Error(`v${version} of ${service} has no image.`);
  const slot = draft.facts.slots.get(plan.name) ?? newSlot(service, plan.name);
  const anew = kind === 'release' && slot.live?.version === version;
  const number = slot.deployments + 1;
  const deployment = `${service}.${plan.name}.${number}`;
  const waits = giveWayTo(
    draft,
    kind === 'release' ? plan : { ...plan, whenNewer: 'replace' },
    version,
    deployment,
  );
  draft.emit({
    type: 'DeploymentRequested',
    service,
    environment: plan.name,
    version,
    deployment,
    number,
    ...firstGeneration(draft.facts),
    order: {
      kind,
      requestedBy: by,
      ...(reason === undefined ? {} : { reason: draft.text(reason) }),
      image,
      start: file.recipe.start,
      health: file.health,
      grace: file.grace,
      ...writableOf(file),
      ...(kind === 'release' && file.migrate !== undefined ? { migrate: file.migrate } : {}),
      plan,
      ...(keeps.length === 0 ? {} : { keeps }),
      ownCard: kind !== 'release' || release.closedAt !== undefined || anew,
      ...(anew ? { anew } : {}),
      ...(alone === true ? { alone } : {}),
      ...waits,
    },
  });
  draft.wake({ kind: 'deployment', service, environment: plan.name, id: deployment, version });
  return deployment;
}

/**
 * What becomes of older ones that have not begun to change the slot: they end, unless the environment says that they
 * may wait on. Returns the one that the newer waits for, or that people are asked about.
 */
function giveWayTo(
  draft: Draft,
  plan: EnvironmentPolicy,
  version: number,
  deployment: string,
): Pick<Deployment, 'behind' | 'olderWaits'> {
  const waiting = openIn(draft, plan.name).filter((other) => !keepsItsPlace(other));
  // The same release with other settings: nobody wants the earlier ones any more.
  for (const other of waiting) if (other.version === version) overtake(draft, other, deployment, version);
  const older = waiting.filter((other) => other.version < version);
  const mode = plan.promotion === 'approval' ? (plan.whenNewer ?? 'replace') : 'replace';
  if (mode === 'replace') {
    for (const other of older) overtake(draft, other, deployment, version);
    return {};
  }
  const [next] = older
    .filter(({ state, kind }) => state === 'running' && kind === 'release')
    .toSorted((a, b) => b.version - a.version);
  if (next === undefined || mode === 'keep') return {};
  return mode === 'queue'
    ? { behind: next.id }
    : { olderWaits: { deployment: next.id, version: next.version } };
}

export const openIn = (draft: Draft, environment: string): Deployment[] =>
  (draft.facts.slots.get(environment)?.open ?? []).flatMap((id) => draft.facts.deployments.get(id) ?? []);

/** Whether it holds or has held the slot: from then on nobody but a rollback takes it away. */
export const hasBegun = ({ epoch }: Deployment): boolean => epoch !== undefined;

/** Nothing newer takes its place: it has begun, or its group has. */
export const keepsItsPlace = (deployment: Deployment): boolean =>
  hasBegun(deployment) || deployment.together === true;

/** A newer one takes the place: no new work for the older, and what it has begun is undone. */
export function overtake(
  draft: Draft,
  { service, environment, version, id, state, ...rest }: Deployment,
  by: string,
  byVersion: number,
): void {
  if (state !== 'running') return;
  draft.emit({
    type: 'DeploymentOvertaken',
    service,
    environment,
    version,
    deployment: id,
    by,
    byVersion,
    as: 'overtaken',
  });
  const subject = deploymentSubject({ service, environment, version, id, state, ...rest });
  draft.stop(subject);
  draft.wake(subject);
}
