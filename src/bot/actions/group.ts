import type { Answer, Asked, Bot } from '../asked.ts';
import { troubleOf } from '../slack-error.ts';
import { sentence } from '../views/blocks.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { rejectModal } from '../views/reject-modal.ts';
import { committed, outdated } from './committed.ts';

/** Approve all: for the images and the settings that the card showed. */
export async function approveGroup(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version, environment, what } = value;
  if (version === undefined || environment === undefined || what === undefined) return outdated;
  const order = { do: 'approve group', service, version, environment, what, by: asked.by } as const;
  return committed(bot, asked, await bot.pipeline.handle(order));
}

/** Reject: asks for the reason first. */
export async function openRejectGroup(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version, environment } = value;
  if (version === undefined || environment === undefined || asked.triggerId === undefined) return outdated;
  const { channel, card } = asked;
  const metadata = JSON.stringify({ service, version, environment, channel, card });
  try {
    await bot.clients.interactive.views.open({ trigger_id: asked.triggerId, view: rejectModal(metadata) });
    return undefined;
  } catch (error) {
    bot.log.warn({ trouble: troubleOf(error) }, 'the reject dialog did not open');
    return sentence('Slack did not open the dialog in time. Nothing was decided: press *Reject* again.');
  }
}

/** The reason has come: the rejection itself. */
export async function rejectGroup(
  bot: Bot,
  asked: Asked,
  order: { service: string; version: number; environment: string; reason: string },
): Promise<Answer> {
  return committed(bot, asked, await bot.pipeline.handle({ do: 'reject group', ...order, by: asked.by }));
}

/** Cancel all, before traffic moves. */
export async function cancelGroup(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version } = value;
  if (version === undefined) return outdated;
  const order = { do: 'cancel group', service, version, by: asked.by } as const;
  return committed(bot, asked, await bot.pipeline.handle(order));
}

/** Roll back all, last one first. */
export async function rollBackGroup(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, environment } = value;
  if (environment === undefined) return outdated;
  const order = { do: 'roll back group', service, environment, by: asked.by } as const;
  return committed(bot, asked, await bot.pipeline.handle(order));
}

/** Ask again, after it came to nothing. */
export async function deployGroup(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version, environment } = value;
  if (version === undefined || environment === undefined) return outdated;
  const order = { do: 'deploy group', service, version, environment, by: asked.by } as const;
  return committed(bot, asked, await bot.pipeline.handle(order));
}
