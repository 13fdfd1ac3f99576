import type { Answer } from '../../pipeline/domain/command.ts';
import { isRefusal } from '../../pipeline/domain/command.ts';
import type { Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { withMentions } from '../views/format.ts';

/** The pipeline's yes or no as a sentence; after a yes the messenger looks at once. */
export function pipelineAnswer(bot: Bot, answer: Answer): Drawn {
  if (isRefusal(answer)) return sentence(`🚫 ${withMentions(answer.sentence)}`);
  bot.wake();
  return sentence(`👍 ${withMentions(answer.sentence)}`);
}
