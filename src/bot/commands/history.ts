import type { Asked, Bot } from '../asked.ts';
import type { Command } from '../grammar.ts';
import type { Drawn } from '../views/drawn.ts';
import * as views from '../views/history.ts';

/** `/bake history <service>`: the last ten releases. */
export async function history(bot: Bot, _asked: Asked, command: Command & { is: 'history' }): Promise<Drawn> {
  return views.history(command.service, await bot.pipeline.query.history(command.service, 10));
}
