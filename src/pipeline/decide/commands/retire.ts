import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { Deployment } from '../../domain/deployment.ts';
import { named } from '../../domain/rights.ts';
import type { At } from '../../domain/time.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { ago } from './done-by.ts';
import { findDeployment, stateInWords } from './find.ts';

/** Who had the old one retired before, and when. */
function retireAsked(deployment: Deployment, now: At): string | undefined {
  const { retireRequestedBy: by, retireRequestedAt: at, state, retiring, old } = deployment;
  if (by === undefined) return undefined;
  const which =
    [retiring, old].flatMap((one) => (one === undefined ? [] : `v${one.version}`))[0] ?? 'The old one';
  const who = by.kind === 'clock' ? 'its time had come' : `${named(by)} asked for it`;
  const when = at === undefined ? '' : `, ${ago(at, now)}`;
  return `${which} ${state === 'running' ? 'is being' : 'was'} retired already: ${who}${when}.`;
}

/** A person says that the old one may go. */
export function retireOld(draft: Draft, command: PipelineCommand & { do: 'retire' }): Answer {
  const deployment = findDeployment(draft, command.deployment);
  if (isRefusal(deployment)) return deployment;
  const no = draft.may(command, 'retire', deployment.environment);
  if (no !== undefined) return no;
  const asked = retireAsked(deployment, draft.now);
  if (asked !== undefined) return refuse('already decided', asked);
  if (deployment.state !== 'running' || deployment.stage !== 'retire') {
    return refuse('too late', `There is nothing to retire: ${stateInWords(deployment)}.`);
  }
  const old = draft.facts.slots.get(deployment.environment)?.beside;
  draft.emit({ type: 'RetireRequested', ...aboutOf(deployment), by: command.by, at: draft.now });
  advance(draft, deploymentSubject(deployment));
  const which = old === undefined ? 'The old one' : `v${old.version}`;
  return { accepted: true, sentence: `${which} is being retired in ${deployment.environment}.` };
}
