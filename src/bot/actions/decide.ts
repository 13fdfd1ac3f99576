import type { Answer, Asked, Bot } from '../asked.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { committed, outdated } from './committed.ts';
import { openRejectDialog } from './reject-dialog.ts';

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
  const about = { service, deployment, channel: asked.channel, card: asked.card };
  return openRejectDialog(bot, asked.triggerId, about);
}

/** The reason has come: the rejection itself. */
export async function reject(
  bot: Bot,
  asked: Asked,
  order: { service: string; deployment: string; reason: string },
): Promise<Answer> {
  return committed(bot, asked, await bot.pipeline.handle({ do: 'reject', ...order, by: asked.by }));
}
