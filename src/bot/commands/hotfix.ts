import type { Answer, Asked, Bot } from '../asked.ts';
import { NotRead } from '../reader.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

interface Order {
  service: string;
  ref: string;
  hotfix: string;
}

/** `/bake hotfix <service> <ref> <reason>`: a release that overtakes those that wait. */
export const hotfix = word<Order>({
  name: 'hotfix',
  usage: '/bake hotfix <service> <branch, tag or commit> <reason>',
  says: 'release this one now: it overtakes those that wait, and the reason is shown',
  right: 'bake',
  read(line) {
    const service = line.service();
    const ref = line.optionalRef();
    if (ref === undefined) throw new NotRead('Which branch, tag or commit? A hotfix names it.');
    return { service, ref, hotfix: line.text('The reason') };
  },
  run,
  ofGroup: run,
});

async function run(bot: Bot, asked: Asked, order: Order): Promise<Answer> {
  return pipelineAnswer(bot, await bot.pipeline.requestRelease({ ...order, by: asked.by }), order.service);
}
