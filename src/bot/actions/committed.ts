import type { Answer as PipelineAnswer } from '../../pipeline/domain/command.ts';
import { isRefusal } from '../../pipeline/domain/command.ts';
import type { Answer, Asked, Bot } from '../asked.ts';
import { refusal, sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { withMentions } from '../views/format.ts';

/** For a button whose value says too little: it is of an older Bakery, or not ours. */
export const outdated: Drawn = {
  ...sentence(
    'This button is out of date, so nothing was done. `/bake status` shows what is, and the newest card has the buttons.',
  ),
  refused: true,
};

/**
 * After a click: a yes shows on the card, at once, and needs no words; a no is a sentence. Where the buttons stood in
 * a message for one person, the sentence takes their place; so it does on a card that is not kept up to date any more
 * (another one was posted in its stead).
 */
export async function committed(bot: Bot, asked: Asked, answer: PipelineAnswer): Promise<Answer> {
  bot.wake(asked.card);
  if (isRefusal(answer)) return refusal(withMentions(answer.sentence));
  const { card } = asked;
  const isKept = card !== undefined && (await bot.pipeline.outbox.at(card.channel, card.ts)) !== undefined;
  return isKept ? undefined : sentence(`👍 ${withMentions(answer.sentence)}`);
}
