import type { Accepted, Answer } from '../../pipeline/domain/command.ts';
import { isRefusal } from '../../pipeline/domain/command.ts';
import type { Bot } from '../asked.ts';
import { refusal, sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { withMentions } from '../views/format.ts';

/** The pipeline's yes or no as a sentence; after a yes the messenger looks at once. */
export function pipelineAnswer(bot: Pick<Bot, 'wake'>, answer: Answer, service?: string): Drawn {
  if (isRefusal(answer)) return refusal(withMentions(answer.sentence));
  bot.wake();
  return { ...sentence(`👍 ${withMentions(answer.sentence)}`), ...aboutOf(answer, service) };
}

function aboutOf({ deployment, version }: Accepted, service: string | undefined): Pick<Drawn, 'about'> {
  if (deployment !== undefined) return { about: { deployment } };
  return version === undefined || service === undefined ? {} : { about: { service, version } };
}
