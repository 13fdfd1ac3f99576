import type { Actor } from '../../pipeline/domain/actor.ts';
import type { Approval } from '../../pipeline/domain/deployment.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { inWords, oneLine, person, shortDigest } from './format.ts';
import { because, type Named, type OfDeployment, type Told } from './told.ts';

/** What the thread is told of what people are asked and decided, and of what took the place of something. */
export function decisionNote(view: NoteView, event: OfDeployment, { name, where }: Named): Told | undefined {
  const { texts } = view;
  switch (event.type) {
    case 'DeploymentRequested':
      return event.order.kind === 'rollback'
        ? {
            topic: 'decisions',
            words: `↩️ ${person(event.order.requestedBy)} rolls ${where} back to ${name}.${because(event.order.reason, texts)}`,
          }
        : undefined;
    case 'DeploymentApproved':
      if (event.approval.breakGlass !== undefined) return brokenGlass(event.approval, texts, name, where);
      return {
        topic: 'decisions',
        words: `👍 ${person(event.approval.by)} approved ${name} for ${where} (image \`${shortDigest(event.approval.image)}\`).`,
      };
    case 'DeploymentRejected':
      return {
        topic: 'decisions',
        words: `⛔ ${person(event.by)} rejected ${name} for ${where}: ${oneLine(texts[event.reason] ?? '[erased]', 1000)}`,
      };
    case 'DeploymentCancelRequested':
      return {
        topic: 'decisions',
        words: `⏹️ ${person(event.by)} cancelled ${name} for ${where}. What is live there stays.${because(event.reason, texts)}`,
      };
    case 'DeploymentOvertaken':
      return {
        topic: 'progress',
        words: `⏭️ ${name} is overtaken in ${where} by ${event.byVersion === undefined ? 'a newer deployment or a rollback' : `v${event.byVersion}`}.`,
      };
    case 'DeploymentRetried':
      return {
        topic: 'decisions',
        words: `🔁 ${person(event.by)} tries ${name} in ${where} again from *${event.stage}*.`,
      };
    case 'ReleaseQuarantined':
      return {
        topic: 'progress',
        words: `🚧 ${name} is quarantined for ${inWords(event.environments.map((one) => oneLine(one, 40)))}: it was rolled back${rolledBackBy(event.by)}${event.reason === undefined ? '' : ` (${oneLine(texts[event.reason] ?? '[erased]', 300)})`}.`,
      };
    default:
      return undefined;
  }
}

/** An operator said yes where people have to: louder than any other yes. */
const brokenGlass = (
  { by, breakGlass = '' }: Approval,
  texts: NoteView['texts'],
  name: string,
  where: string,
): Told => ({
  topic: 'decisions',
  always: 'in the channel',
  words: `🚨 *Glass broken* by ${person(by)}, who approved ${name} for ${where} at the command line. Reason: ${oneLine(texts[breakGlass] ?? '[erased]', 400)}`,
});

const rolledBackBy = (by: Actor | undefined): string => {
  if (by === undefined) return '';
  return by.kind === 'clock' ? ' by Bakery itself' : ` by ${person(by)}`;
};
