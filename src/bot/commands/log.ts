import type { Asked, Bot } from '../asked.ts';
import type { Command } from '../grammar.ts';
import { sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { logView } from '../views/log-view.ts';

/** `/bake log <service> <version> [stage]`: the last lines. */
export async function log(bot: Bot, _asked: Asked, command: Command & { is: 'log' }): Promise<Drawn> {
  const { service, version, stage } = command;
  const found = await bot.pipeline.query.log(service, version, stage);
  if (found !== undefined) return logView(service, version, found);
  const name = `${oneLine(service)} v${version}`;
  if ((await bot.pipeline.query.release(service, version)) === undefined) {
    return sentence(`There is no ${name}. \`/bake history ${oneLine(service)}\` shows what there is.`);
  }
  return sentence(`There is no log of ${stage === undefined ? name : `*${oneLine(stage)}* of ${name}`} yet.`);
}
