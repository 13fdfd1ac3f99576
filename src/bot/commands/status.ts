import type { Asked, Bot } from '../asked.ts';
import type { Command } from '../grammar.ts';
import type { Drawn } from '../views/drawn.ts';
import * as views from '../views/status.ts';

/** `/bake status [service]`: one service, or all of them. */
export async function status(bot: Bot, _asked: Asked, command: Command & { is: 'status' }): Promise<Drawn> {
  const { query } = bot.pipeline;
  const names = command.service === undefined ? query.services().slice(0, 40) : [command.service];
  const found = await Promise.all(names.map((name) => query.service(name)));
  return views.status(found.filter((view) => view !== undefined));
}
