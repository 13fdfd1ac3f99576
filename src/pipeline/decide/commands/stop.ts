import { type Answer, type PipelineCommand, refuse } from '../../domain/command.ts';
import { mayServe } from '../../domain/deployment.ts';
import { deploymentSubject, releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';

/** Stops everything of a service that has not begun to move traffic. What is live, and rollbacks, are not touched. */
export function stop(draft: Draft, command: PipelineCommand & { do: 'stop' }): Answer {
  const { service, by, reason } = command;
  const no = draft.may(command, 'bake');
  if (no !== undefined) return no;
  if (reason.trim() === '')
    return refuse('bad input', 'Say why, in quotes: it is told to those whose work it stops.');
  const releases = [...draft.facts.releases.values()].filter(({ state }) => state === 'running');
  const deployments = [...draft.facts.deployments.values()].filter(
    (one) => one.state === 'running' && one.kind === 'release' && !mayServe(one),
  );
  if (releases.length + deployments.length === 0) {
    return refuse('nothing to do', `Nothing of ${service} is under way that has not moved traffic already.`);
  }
  const told = draft.text(reason.trim());
  for (const release of releases) {
    draft.emit({ type: 'ReleaseCancelRequested', service, version: release.version, by, reason: told });
    draft.stop(releaseSubject(release));
    advance(draft, releaseSubject(release));
  }
  for (const deployment of deployments) {
    draft.emit({ type: 'DeploymentCancelRequested', ...aboutOf(deployment), by, reason: told });
    draft.stop(deploymentSubject(deployment));
    advance(draft, deploymentSubject(deployment));
  }
  const names = [
    ...releases.map(({ version }) => `v${version}`),
    ...deployments.map(({ version, environment }) => `v${version} for ${environment}`),
  ];
  return { accepted: true, sentence: `Stopped of ${service}: ${names.join(', ')}.` };
}
