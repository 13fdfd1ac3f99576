import { isBackShift, reliefOf } from '../../pipeline/domain/relief.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { failureSentence } from './failure.ts';
import { codeBlock, oneLine } from './format.ts';
import { hookFailed, leftOver, type Named, notTakenBack, type OfDeployment, type Told } from './told.ts';

/** What the thread is told of how something ended, or of what it wrote. */
export function outcomeNote(view: NoteView, event: OfDeployment, { name, where }: Named): Told | undefined {
  const { texts } = view;
  switch (event.type) {
    case 'OutputRead':
      return {
        topic: 'progress',
        always: 'in the thread',
        words: `📄 What ${name} wrote last in ${where}:`,
        detail: codeBlock((texts[event.lines] ?? '[erased]').split('\n'), 2700) || 'Nothing.',
      };
    case 'OutputNotRead':
      return {
        topic: 'progress',
        always: 'in the thread',
        words: `❓ What ${name} wrote in ${where} could not be read: ${failureSentence(event.failure, texts)}`,
      };
    case 'DeploymentStageFailed':
      return {
        topic: 'failures',
        words: `❌ ${name} failed in ${where} (${oneLine(event.failure.stage, 40)}): ${failureSentence(event.failure, texts)}`,
      };
    case 'DeploymentExpired':
      return {
        topic: 'failures',
        words: `⌛ ${name} was not approved in time for ${where}. Nothing was changed.`,
      };
    case 'DeploymentHookFailed':
      return { topic: 'failures', words: hookFailed(name, event, texts) };
    case 'DeploymentLeftOver': {
      const why = failureSentence(event.failure, texts);
      const stays =
        view.deployment !== undefined && reliefOf(view.deployment) !== undefined && isBackShift(event);
      const words = stays ? notTakenBack(name, where, why) : leftOver(name, why);
      return { topic: 'failures', words };
    }
    default:
      return undefined;
  }
}
