import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

/** `/bake repair <service> <environment>`: go on replacing instances after Bakery had stopped to. */
export const repair = word({
  name: 'repair',
  usage: '/bake repair <service> <environment>',
  says: 'replace instances that end again, after Bakery stopped doing so',
  right: 'bake',
  read(line) {
    const service = line.service();
    return { service, environment: line.environment(service) };
  },
  run: async (bot, asked, order) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'allow repairs', ...order, by: asked.by })),
});
