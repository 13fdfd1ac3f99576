import { type Actor, actorKey } from '../../domain/actor.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import type { Deployment } from '../../domain/deployment.ts';
import { mention, rightProblem } from '../../domain/rights.ts';
import { standingProblem } from '../../domain/standing.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { findDeployment, stateInWords } from './find.ts';

/** A person's yes to one image with one set of settings. */
export function approve(draft: Draft, command: PipelineCommand & { do: 'approve' }): Answer {
  const { by, image, settings } = command;
  const deployment = deciding(draft, command.deployment, by);
  if (isRefusal(deployment)) return deployment;
  if (deployment.image.digest !== image || deployment.plan.settings.digest !== settings) {
    return refuse(
      'stale',
      'This card is out of date: the image or the settings have changed. Look at the card again.',
    );
  }
  const problem = standingProblem(deployment, draft.facts) ?? ownProblem(deployment, by);
  if (problem !== undefined) return refuse('not in good standing', problem);
  draft.emit({
    type: 'DeploymentApproved',
    ...aboutOf(deployment),
    approval: { by, at: draft.now, image, settings },
  });
  advance(draft, deploymentSubject(deployment));
  const missing = deployment.plan.approvals - deployment.approvals.length - 1;
  const { service, version, environment } = deployment;
  const more = missing > 0 ? ` ${missing} more to go.` : '';
  return { accepted: true, sentence: `You approved ${service} v${version} for ${environment}.${more}` };
}

/** A person's no, with a reason. */
export function reject(draft: Draft, command: PipelineCommand & { do: 'reject' }): Answer {
  const deployment = deciding(draft, command.deployment, command.by);
  if (isRefusal(deployment)) return deployment;
  const reason = command.reason.trim();
  if (reason === '') return refuse('bad input', 'A rejection needs a reason.');
  draft.emit({
    type: 'DeploymentRejected',
    ...aboutOf(deployment),
    by: command.by,
    reason: draft.text(reason),
  });
  advance(draft, deploymentSubject(deployment));
  return { accepted: true, sentence: `You rejected v${deployment.version} for ${deployment.environment}.` };
}

/** The deployment, if it waits for a decision that this person may make. */
function deciding(draft: Draft, id: string, by: Actor): Deployment | Refusal {
  const deployment = findDeployment(draft, id);
  if (isRefusal(deployment)) return deployment;
  const right = rightProblem(by, 'approve', draft.facts.policy);
  if (right !== undefined) return refuse('not allowed', right);
  const mine = deployment.approvals.find((approval) => actorKey(approval.by) === actorKey(by));
  if (deployment.state !== 'running' || deployment.stage !== 'approve') {
    return refuse('already decided', `${decidedBy(deployment)} ${stateInWords(deployment)}.`);
  }
  return mine === undefined ? deployment : refuse('already decided', 'You have approved this already.');
}

function decidedBy({ approvals, rejectedBy, overtakenBy }: Deployment): string {
  if (rejectedBy !== undefined) return `${mention(actorKey(rejectedBy))} rejected it:`;
  if (overtakenBy !== undefined) return 'Something newer took its place:';
  const names = approvals.map(({ by }) => mention(actorKey(by))).join(', ');
  return names === '' ? 'There is nothing to decide:' : `Approved by ${names} already:`;
}

function ownProblem({ plan, requestedBy }: Deployment, by: Actor): string | undefined {
  if (plan.selfApproval || actorKey(requestedBy) !== actorKey(by)) return undefined;
  return 'You asked for this release, so somebody else has to approve it.';
}
