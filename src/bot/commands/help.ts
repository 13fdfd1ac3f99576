import type { Bot } from '../asked.ts';
import type { Drawn } from '../views/drawn.ts';
import * as views from '../views/help.ts';

/** `/bake help`. */
export const help = async (bot: Bot): Promise<Drawn> => views.help(bot.pipeline.query.services());
