import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import { isDeploymentOver, mayServe } from '../../domain/deployment.ts';
import { isOver } from '../../domain/release.ts';
import { revocationOf, revokedInWords } from '../../domain/revoked.ts';
import { deploymentSubject, releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { hasBegun } from '../ladder.ts';
import { forgetScripts } from '../rescue.ts';
import { findRelease } from './find.ts';

/**
 * An image, and those that were baked from it, may not be launched any more, anywhere, by any path. For good: what
 * takes its place is a newer release. What has not begun to take traffic is stopped; what runs is named with what to do.
 */
export function revoke(draft: Draft, command: PipelineCommand & { do: 'revoke' }): Answer {
  const { service, version, by, reason, descendants = [] } = command;
  const no = draft.may(command, 'lock');
  if (no !== undefined) return no;
  if (reason.trim() === '') return refuse('bad input', 'A revocation needs a reason, in quotes.');
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  const { image } = release;
  if (image === undefined) {
    return refuse(
      'nothing to do',
      `${service} v${version} has no image. /bake cancel ${service} v${version} stops it.`,
    );
  }
  const known = revocationOf(image, draft.facts.installation);
  if (known !== undefined)
    return refuse('already decided', revokedInWords(`The image of v${version}`, known));
  const images = [image, ...descendants].map(({ id, digest }) => ({ id, digest }));
  draft.emit({
    type: 'ImageRevoked',
    service,
    revocation: { service, version, images, by, at: draft.now, reason: draft.text(reason.trim()) },
  });
  stopWhatWouldLaunchIt(draft, by);
  return { accepted: true, sentence: `The image of ${service} v${version} is revoked. ${whatRuns(draft)}` };
}

/** Of this service; others are refused when they come to launch it. */
export function stopWhatWouldLaunchIt(draft: Draft, by: PipelineCommand['by']): void {
  const { installation } = draft.facts;
  for (const release of [...draft.facts.releases.values()]) {
    const { service, version, image } = release;
    if (isOver(release) || image === undefined || revocationOf(image, installation) === undefined) continue;
    draft.emit({ type: 'ReleaseCancelRequested', service, version, by });
    draft.stop(releaseSubject(release));
    advance(draft, releaseSubject(release));
  }
  for (const deployment of [...draft.facts.deployments.values()]) {
    const revoked = revocationOf(deployment.image, installation) !== undefined;
    const early = deployment.state === 'running' && !mayServe(deployment);
    if (!revoked || !early || isDeploymentOver(deployment) || deployment.kind === 'repair') continue;
    draft.emit({ type: 'DeploymentCancelRequested', ...aboutOf(deployment), by });
    if (hasBegun(deployment)) draft.stop(deploymentSubject(deployment));
    advance(draft, deploymentSubject(deployment));
  }
  forgetScripts(draft);
}

/** What runs from a revoked image, and what to do about each. */
function whatRuns({ facts }: Draft): string {
  const { service, environments } = facts.policy;
  const newer = `release a newer version, or /rollback ${service}`;
  const running = environments.flatMap(({ name }) => {
    const slot = facts.slots.get(name);
    const there = [slot?.live?.deployment, slot?.beside?.deployment];
    const onItsWay = [...facts.deployments.values()]
      .filter((one) => one.environment === name && one.state === 'running' && mayServe(one))
      .filter(({ id }) => !there.includes(id))
      .map(({ id }) => ({ where: `${name} (on its way)`, id, todo: newer }));
    return [
      { where: name, id: slot?.live?.deployment, todo: newer },
      ...onItsWay,
      {
        where: `${name} (beside)`,
        id: slot?.beside?.deployment,
        todo: `/bake retire ${service} ${name}`,
      },
    ].flatMap(({ where, id, todo }) => {
      const made = id === undefined ? undefined : facts.deployments.get(id);
      const revoked = made !== undefined && revocationOf(made.image, facts.installation) !== undefined;
      return revoked ? [`v${made.version} in ${where}: ${todo}`] : [];
    });
  });
  return running.length === 0
    ? 'Nothing of this service runs from it.'
    : `It still runs: ${running.join('; ')}. It is not started again when it ends.`;
}
