import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

/** `/bake output <service> <environment>`: what the running instances wrote last, into the thread of their card. */
export const output = word({
  name: 'output',
  usage: '/bake output <service> <environment>',
  says: 'the last lines that what is live there wrote, in the thread of its card',
  right: 'bake',
  read(line) {
    const service = line.service();
    return { service, environment: line.environment(service) };
  },
  run: async (bot, asked, order) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'read output', ...order, by: asked.by })),
});
