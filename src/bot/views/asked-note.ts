import type { Deployment } from '../../pipeline/domain/deployment.ts';
import type { People } from '../../pipeline/domain/policy.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { callOn, inWords, person, userIds, when } from './format.ts';
import type { Named, OfDeployment, Told } from './told.ts';
import { whoMay, whoseYesIsWanted } from './who-may.ts';

type Asking = OfDeployment & { type: 'DeploymentWaits' | 'DeploymentReminded' };

/** What calls on those who must decide; once that is decided, how it was, and nobody is called on any more. */
export function askedNote(view: NoteView, event: Asking, { name, where }: Named): Told | undefined {
  if (event.type === 'DeploymentWaits' && event.wait.for !== 'approval') return undefined;
  const { deployment } = view;
  if (deployment !== undefined && !asksStill(deployment, event))
    return {
      topic: 'approvals',
      isOver: true,
      words: `☑️ ${name} for ${where} ${howItEnded(deployment)}. Nobody has to decide this any more.`,
    };
  const wanted = whoMust(view, event.environment);
  const called = { topic: 'approvals' as const, mentions: userIds(wanted) };
  if (event.type === 'DeploymentReminded')
    return {
      ...called,
      words: `🔔 ${callOn(wanted)}: ${name} still waits for your approval for ${where}${until(deployment)}. The buttons are on its card.`,
    };
  return {
    ...called,
    words: `✋ ${callOn(wanted)}: ${name} waits for your approval for ${where}, until ${when(event.wait.until)}. The buttons are on its card.`,
  };
}

/** Of a deployment that is not in this view all who hold the right. */
export const whoMust = ({ policy, deployment, release, wroteIt }: NoteView, environment: string): People =>
  deployment === undefined
    ? whoMay('approve', policy, environment)
    : whoseYesIsWanted(deployment, policy, release, wroteIt);

const until = (deployment: Deployment | undefined): string =>
  deployment?.wait === undefined ? '' : `, until ${when(deployment.wait.until)}`;

function asksStill({ state, wait }: Deployment, event: Asking): boolean {
  if (state !== 'running' || wait?.for !== 'approval') return false;
  return event.type === 'DeploymentReminded' || event.wait.since === wait.since;
}

function howItEnded(deployment: Deployment): string {
  const { rejectedBy, cancelledBy, overtakenBy, overtakenByVersion, override, approvals } = deployment;
  const ended = deployment.endsAs ?? deployment.state;
  if (rejectedBy !== undefined) return `was rejected by ${person(rejectedBy)}`;
  if (cancelledBy !== undefined) return `was cancelled by ${person(cancelledBy)}`;
  if (ended === 'expired') return 'was not decided in time';
  if (overtakenBy !== undefined && !deployment.wentLive)
    return overtakenByVersion === undefined ? 'was overtaken' : `was overtaken by v${overtakenByVersion}`;
  if (override !== undefined) return `was overridden by ${person(override.by)}`;
  const isThrough = ['passed', 'skipped'].includes(deployment.stages.approve.state);
  if (isThrough && approvals.length > 0)
    return `was approved by ${inWords(approvals.map(({ by }) => person(by)))}`;
  if (isThrough) return 'needs no approval any more';
  return deployment.state === 'running' ? 'is asked about anew' : 'came to nothing';
}
