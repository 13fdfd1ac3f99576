import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { Deployment, DeploymentStage } from '../../domain/deployment.ts';
import type { ReleaseStage } from '../../domain/release.ts';
import { imageGone, standingProblem } from '../../domain/standing.ts';
import { deploymentSubject, releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { letNoMoreGo } from '../let-go.ts';
import { findDeployment, findEnvironment, findRelease, stateInWords } from './find.ts';

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
  const no = draft.may(command, 'bake', deployment.environment);
  if (no !== undefined) return no;
  const { service, version, environment, state, failure } = deployment;
  if (state !== 'failed' || failure?.stage !== command.stage) {
    return refuse('stale', `There is nothing to retry at ${command.stage}: ${stateInWords(deployment)}.`);
  }
  const plan = findEnvironment(draft, environment);
  if (isRefusal(plan)) return plan;
  const stage = retryStage(deployment, command.stage);
  const standing = stage === 'retire' ? undefined : standingProblem(deployment, draft.facts);
  if (standing !== undefined) return refuse('not in good standing', standing);
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

/** What was launched is gone after a failure; the approval is looked at again, and still counts if it fits. */
const retryStage = ({ wentLive }: Deployment, stage: DeploymentStage): DeploymentStage =>
  stage === 'retire' && wentLive ? 'retire' : 'approve';
