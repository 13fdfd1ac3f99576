import { deploymentStages } from '../../pipeline/domain/deployment.ts';
import { releaseStages } from '../../pipeline/domain/release.ts';
import type { Asked, Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { logView } from '../views/log-view.ts';
import { said, word } from './word.ts';

interface Order {
  service: string;
  version: number;
  stage?: string;
}

/** `/bake log <service> <version> [stage]`: the last lines. */
export const log = word<Order>({
  name: 'log',
  usage: '/bake log <service> <version> [stage]',
  says: 'the last lines of a log',
  read: (line) => ({
    service: line.service(),
    version: line.version(),
    ...said({ stage: line.optionalOneOf([...releaseStages, ...deploymentStages], 'stage') }),
  }),
  run,
});

async function run(bot: Bot, _asked: Asked, { service, version, stage }: Order): Promise<Drawn> {
  const found = await bot.pipeline.query.log(service, version, stage);
  if (found !== undefined) return logView(service, version, found);
  const name = `${oneLine(service)} v${version}`;
  if ((await bot.pipeline.query.release(service, version)) === undefined) {
    return sentence(`There is no ${name}. \`/bake history ${oneLine(service)}\` shows what there is.`);
  }
  return sentence(`There is no log of ${stage === undefined ? name : `*${oneLine(stage)}* of ${name}`} yet.`);
}
