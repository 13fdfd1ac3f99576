import type { Answer, Bot } from '../asked.ts';
import { troubleOf } from '../slack-error.ts';
import { sentence } from '../views/blocks.ts';
import { rejectModal } from '../views/reject-modal.ts';

/** Asks for the reason of a rejection. What is rejected travels with the dialog, and is decided when it comes back. */
export async function openRejectDialog(bot: Bot, trigger: string, about: object): Promise<Answer> {
  try {
    const view = rejectModal(JSON.stringify(about));
    await bot.clients.interactive.views.open({ trigger_id: trigger, view });
    return undefined;
  } catch (error) {
    bot.log.warn({ trouble: troubleOf(error) }, 'the reject dialog did not open');
    return sentence('Slack did not open the dialog in time. Nothing was decided: press *Reject* again.');
  }
}
