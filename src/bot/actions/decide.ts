import type { Answer, Asked, Bot } from '../asked.ts';
import { troubleOf } from '../slack-error.ts';
import { sentence } from '../views/blocks.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { rejectModal } from '../views/reject-modal.ts';
import { committed, outdated } from './committed.ts';

/** Approve: for the digest and the settings that the card showed. */
export async function approve(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, deployment, image, settings } = value;
  if (deployment === undefined || image === undefined || settings === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'approve', service, deployment, image, settings, by: asked.by }),
  );
}

/** Reject: asks for the reason first. */
export async function openReject(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, deployment } = value;
  if (deployment === undefined || asked.triggerId === undefined) return outdated;
  const metadata = JSON.stringify({ service, deployment, channel: asked.channel, card: asked.card });
  try {
    await bot.clients.interactive.views.open({ trigger_id: asked.triggerId, view: rejectModal(metadata) });
    return undefined;
  } catch (error) {
    bot.log.warn({ trouble: troubleOf(error) }, 'the reject dialog did not open');
    return sentence('Slack did not open the dialog in time. Nothing was decided: press *Reject* again.');
  }
}

/** The reason has come: the rejection itself. */
export async function reject(
  bot: Bot,
  asked: Asked,
  order: { service: string; deployment: string; reason: string },
): Promise<Answer> {
  return committed(bot, asked, await bot.pipeline.handle({ do: 'reject', ...order, by: asked.by }));
}
