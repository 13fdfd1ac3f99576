import type { Answer, Asked, Bot } from '../asked.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { committed, outdated } from './committed.ts';
import { openRejectDialog } from './reject-dialog.ts';

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
  const about = { service, version, environment, channel, card };
  return openRejectDialog(bot, asked.triggerId, about);
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
