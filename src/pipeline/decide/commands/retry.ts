import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import type { Deployment, DeploymentStage } from '../../domain/deployment.ts';
import { decidedTogether, groupOf } from '../../domain/gate.ts';
import type { EnvironmentPolicy } from '../../domain/policy.ts';
import type { ReleaseStage } from '../../domain/release.ts';
import { imageGone, standingProblem } from '../../domain/standing.ts';
import { deploymentSubject, releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { letNoMoreGo } from '../let-go.ts';
import { findDeployment, findEnvironment, findRelease, stateInWords } from './find.ts';
import { goingBackProblem } from './roll-back.ts';

/** The candidate is gone after a failure, so verifying begins with starting one. */
const beginsAt: Record<ReleaseStage, ReleaseStage> = {
  build: 'build',
  bake: 'bake',
  candidate: 'candidate',
  verify: 'candidate',
  promote: 'promote',
};

/** Goes on with a failed release at the stage where it failed, under a new generation. */
export function retryRelease(draft: Draft, command: PipelineCommand & { do: 'retry release' }): Answer {
  const { service, version, by, stage } = command;
  const no = draft.may(command, 'bake');
  if (no !== undefined) return no;
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  if (release.state !== 'failed' || release.failure?.stage !== stage) {
    return refuse(
      'stale',
      `${service} v${version} is ${release.state}; there is nothing to retry at ${stage}.`,
    );
  }
  if (release.supersededBy !== undefined) {
    return refuse('not in good standing', `v${release.supersededBy} has taken the place of v${version}.`);
  }
  const from = beginsAt[stage];
  if (release.imageRemovedAt !== undefined && from !== 'build' && from !== 'bake')
    return refuse('not in good standing', imageGone(release));
  draft.emit({
    type: 'ReleaseRetried',
    service,
    version,
    by,
    stage: from,
    generation: release.generation + 1,
  });
  letNoMoreGo(draft);
  advance(draft, releaseSubject(release));
  return { accepted: true, version, sentence: `${service} v${version} goes on at ${from}.` };
}

/** Goes on with a failed deployment, with the settings as they are now. */
export function retryDeployment(draft: Draft, command: PipelineCommand & { do: 'retry deployment' }): Answer {
  const deployment = findDeployment(draft, command.deployment);
  if (isRefusal(deployment)) return deployment;
  const { service, version, environment, state, failure, kind } = deployment;
  const no = draft.may(command, kind === 'rollback' ? 'rollback' : 'bake', environment);
  if (no !== undefined) return no;
  if (state !== 'failed' || failure?.stage !== command.stage) {
    return refuse('stale', `There is nothing to retry at ${command.stage}: ${stateInWords(deployment)}.`);
  }
  const plan = findEnvironment(draft, environment);
  if (isRefusal(plan)) return plan;
  const stage = retryStage(deployment, command.stage);
  const group = groupOf(deployment, draft.facts.releases.get(version));
  if (group !== undefined && stage !== 'retire')
    return refuse('not in good standing', decidedTogether(deployment, { ...group, over: true }));
  const problem = stage === 'retire' ? undefined : again(draft, deployment, plan);
  if (problem !== undefined) return problem;
  draft.emit({
    type: 'DeploymentRetried',
    ...aboutOf(deployment),
    by: command.by,
    stage,
    generation: deployment.generation + 1,
    plan,
    // An approval is for one set of settings.
    keepApprovals: plan.settings.digest === deployment.plan.settings.digest,
  });
  advance(draft, deploymentSubject(deployment));
  return {
    accepted: true,
    version,
    sentence: `${service} v${version} goes on at ${stage} in ${environment}.`,
  };
}

/**
 * Why it may not be tried again now. It is asked for a second time, so what would refuse it as a new order refuses it
 * here: an override was for that once, a rollback is one of today, and a repair is of what is live.
 */
function again(draft: Draft, deployment: Deployment, plan: EnvironmentPolicy): Refusal | undefined {
  const { service, environment, version, kind } = deployment;
  const standing = standingProblem(withoutOverride(deployment), draft.facts);
  if (standing !== undefined) return refuse('not in good standing', standing);
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  const slot = draft.facts.slots.get(environment);
  if (kind === 'rollback') return slot && goingBackProblem(draft, release, plan, slot);
  if (kind === 'repair' && slot?.live?.version !== version)
    return refuse(
      'stale',
      `v${version} is not live in ${environment} any more, so there is nothing to repair.`,
    );
  if (release.supersededBy !== undefined)
    return refuse(
      'not in good standing',
      `v${release.supersededBy} has taken the place of v${version}. /bake deploy ${service} v${version} ${environment} asks for it anew.`,
    );
  return undefined;
}

function withoutOverride(deployment: Deployment): Deployment {
  const { override: _override, ...rest } = deployment;
  return rest;
}

/** What was launched is gone after a failure; the approval is looked at again, and still counts if it fits. */
const retryStage = ({ wentLive }: Deployment, stage: DeploymentStage): DeploymentStage =>
  stage === 'retire' && wentLive ? 'retire' : 'approve';
