import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { findDeployment, stateInWords } from './find.ts';

/** A person says that the old one may go. */
export function retireOld(draft: Draft, command: PipelineCommand & { do: 'retire' }): Answer {
  const deployment = findDeployment(draft, command.deployment);
  if (isRefusal(deployment)) return deployment;
  const no = draft.may(command, 'retire', deployment.environment);
  if (no !== undefined) return no;
  if (deployment.retireRequestedBy !== undefined)
    return refuse('already decided', 'The old one is being retired already.');
  if (deployment.state !== 'running' || deployment.stage !== 'retire') {
    return refuse('too late', `There is nothing to retire: ${stateInWords(deployment)}.`);
  }
  const old = draft.facts.slots.get(deployment.environment)?.beside;
  draft.emit({ type: 'RetireRequested', ...aboutOf(deployment), by: command.by });
  advance(draft, deploymentSubject(deployment));
  const which = old === undefined ? 'The old one' : `v${old.version}`;
  return { accepted: true, sentence: `${which} is being retired in ${deployment.environment}.` };
}
