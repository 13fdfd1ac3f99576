import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import { mayServe } from '../../domain/deployment.ts';
import { deploymentSubject, releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { cancelledBy, decidedBy } from './done-by.ts';
import { findDeployment, findRelease, stateInWords } from './find.ts';

/** Stops a release; what it made is removed. */
export function cancelRelease(draft: Draft, command: PipelineCommand & { do: 'cancel release' }): Answer {
  const { service, version, by } = command;
  const no = draft.may(command, 'bake');
  if (no !== undefined) return no;
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  if (release.state !== 'running') {
    return refuse(
      'too late',
      `${service} v${version} is ${release.state}${cancelledBy(release, draft.now)}; there is nothing to cancel.`,
    );
  }
  draft.emit({ type: 'ReleaseCancelRequested', service, version, by });
  draft.stop(releaseSubject(release));
  advance(draft, releaseSubject(release));
  return { accepted: true, version, sentence: `${service} v${version} is being cancelled.` };
}

/** Stops a deployment before any traffic has moved; what was live was not touched. */
export function cancelDeployment(
  draft: Draft,
  command: PipelineCommand & { do: 'cancel deployment' },
): Answer {
  const deployment = findDeployment(draft, command.deployment);
  if (isRefusal(deployment)) return deployment;
  // Who may not roll back may not take a rollback from those who may.
  const right = deployment.kind === 'rollback' ? 'rollback' : 'bake';
  const no = draft.may(command, right, deployment.environment);
  if (no !== undefined) return no;
  const { service, version, environment } = deployment;
  if (deployment.state !== 'running')
    return refuse(
      'too late',
      `${decidedBy(deployment, draft.now)} ${stateInWords(deployment)}; there is nothing to cancel.`,
    );
  if (mayServe(deployment)) {
    return refuse('too late', `Traffic moves to v${version} already. To go back, use /rollback ${service}.`);
  }
  draft.emit({ type: 'DeploymentCancelRequested', ...aboutOf(deployment), by: command.by });
  draft.stop(deploymentSubject(deployment));
  advance(draft, deploymentSubject(deployment));
  return { accepted: true, version, sentence: `v${version} is not going to ${environment}: cancelled.` };
}
