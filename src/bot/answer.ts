import { randomBytes } from 'node:crypto';
import type { RespondArguments } from '@slack/bolt';
import { actorKey } from '../pipeline/domain/actor.ts';
import type { Asked, Bot } from './asked.ts';
import type { Log } from './log.ts';
import { troubleOf } from './slack-error.ts';
import { sentence } from './views/blocks.ts';
import type { Drawn } from './views/drawn.ts';
import { asModal } from './views/forms.ts';

type Respond = (message: RespondArguments) => Promise<unknown>;

/**
 * Tells one person. Slack's response_url first, since it needs no membership; an ephemeral post when that is refused
 * or there is none. An answer that cannot be delivered is logged: it is never the only record of anything.
 */
export async function tell(bot: Bot, asked: Asked, answer: Drawn, respond?: Respond): Promise<void> {
  if (asked.by.kind !== 'person') return;
  if (asked.view !== undefined) return inDialog(bot, asked, asked.view, answer);
  if (respond !== undefined && (await responded(bot.log, asked, answer, respond))) return;
  if (asked.channel === '') return bot.log.warn({ user: asked.by.user }, 'an answer has nowhere to stand');
  try {
    await bot.clients.interactive.chat.postEphemeral({
      channel: asked.channel,
      user: asked.by.user,
      text: answer.text,
      blocks: answer.blocks,
    });
  } catch (error) {
    bot.log.warn({ trouble: troubleOf(error), user: asked.by.user }, 'an answer could not be delivered');
  }
}

/** In the dialog itself, or in one that opens over App Home. One that was closed meanwhile needs no answer. */
async function inDialog(
  { clients, log }: Bot,
  { triggerId, channel }: Asked,
  { id, type }: NonNullable<Asked['view']>,
  answer: Drawn,
): Promise<void> {
  const view = asModal(answer, channel);
  try {
    if (type === 'modal') await clients.interactive.views.update({ view_id: id, view });
    else if (triggerId !== undefined) await clients.interactive.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    log.warn({ trouble: troubleOf(error) }, 'an answer could not be shown in a dialog');
  }
}

async function responded(log: Log, asked: Asked, answer: Drawn, respond: Respond): Promise<boolean> {
  try {
    await respond({
      response_type: 'ephemeral',
      replace_original: asked.ephemeral,
      text: answer.text,
      blocks: answer.blocks,
    });
    return true;
  } catch (error) {
    log.warn({ error: String(error), by: actorKey(asked.by) }, 'the response url was refused');
    return false;
  }
}

/** Does the work of one request. What it throws becomes a sentence with a reference that stands in the log too. */
export async function orSorry<T>(log: Log, doing: string, work: () => Promise<T>): Promise<T | Drawn> {
  try {
    return await work();
  } catch (error) {
    const reference = randomBytes(4).toString('hex');
    log.error({ err: error, reference, doing }, 'a request of a person failed');
    return sentence(
      `Bakery itself failed at this, and cannot say whether it was done: see \`/bake status\`. For an operator it is in the log under \`${reference}\`.`,
    );
  }
}
