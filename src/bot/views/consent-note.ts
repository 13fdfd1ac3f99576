import { groupOf } from '../../pipeline/domain/gate.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { askedNote, whoMust } from './asked-note.ts';
import { oneLine, person } from './format.ts';
import type { Named, OfDeployment, Told } from './told.ts';

const voided = {
  freeze: 'a freeze began',
  'too old': 'they were given too long ago',
  'other tests': 'the tests were run again',
};

const gaveWay = {
  replace: 'takes the place of the older one that waited',
  queue: 'waits until the older one is decided',
  keep: 'waits beside the older one',
};

/** What a thread is told of people's consent: asked anew, reminded, put aside. */
export function consentNote(view: NoteView, event: OfDeployment, { name, where }: Named): Told | undefined {
  switch (event.type) {
    case 'ApprovalsVoided':
      return {
        topic: 'approvals',
        words: `↺ What was approved of ${name} for ${where} is void: ${voided[event.because]}.`,
      };
    case 'MoreApprovalsAsked':
      return {
        topic: 'approvals',
        words: `✋ ${name} has been approved for ${where}, and that is not enough any more: the operators' files ask for more by now. Nothing was started; what was given still counts.`,
      };
    case 'DeploymentAskedAgain':
      // Its group asks, on its own card.
      if (view.deployment !== undefined && groupOf(view.deployment, view.release) !== undefined)
        return undefined;
      return { topic: 'approvals', words: `✋ ${name} waits for approval for ${where} again.` };
    case 'DeploymentWaits':
    case 'DeploymentReminded':
      return askedNote(view, event, { name, where });
    case 'DeploymentOverridden': {
      const { by, reason, lifts, warning } = event.override;
      const against = warning === undefined ? '' : ` ${oneLine(view.texts[warning] ?? '[erased]', 300)}`;
      return {
        topic: 'decisions',
        always: 'in the channel',
        words: `🚨 *Override* by ${person(by)}: ${name} goes to ${where}. Reason: ${oneLine(view.texts[reason] ?? '[erased]', 400)} Put aside: ${lifts.join(', ') || 'nothing'}.${against}`,
      };
    }
    case 'DeploymentGaveWay':
      return {
        topic: 'decisions',
        words: `${person(event.by)} chose: ${name} ${gaveWay[event.choice]} in ${where}.`,
      };
    case 'QuarantineLifted':
      return {
        topic: 'decisions',
        always: 'in the channel',
        words: `🚧 ${person(event.by)} lifted the quarantine of ${name} for ${where}.`,
      };
    default:
      return undefined;
  }
}

/** Whom a reminder is for. */
export const reminded = (view: NoteView): string[] =>
  view.event.type === 'DeploymentReminded' ? whoMust(view, view.event.environment) : [];
