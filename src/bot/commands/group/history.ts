import type { Answer, Asked, Bot } from '../../asked.ts';
import * as views from '../../views/group-history.ts';

/** `/bake history <group>`: the last ten releases. */
export const groupHistory = async (
  bot: Bot,
  _asked: Asked,
  { service }: { service: string },
): Promise<Answer> => views.groupHistory(service, await bot.pipeline.query.groupHistory(service, 10));
