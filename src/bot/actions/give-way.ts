import type { Answer, Asked, Bot } from '../asked.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { committed, outdated } from './committed.ts';

/** Replace, queue or keep both: what becomes of an older release that waits for approval too. */
export const giveWay =
  (choice: 'replace' | 'queue' | 'keep') =>
  async (bot: Bot, asked: Asked, { service, deployment }: ButtonValue): Promise<Answer> => {
    if (deployment === undefined) return outdated;
    const order = { do: 'give way' as const, service, deployment, choice, by: asked.by };
    return committed(bot, asked, await bot.pipeline.handle(order));
  };
