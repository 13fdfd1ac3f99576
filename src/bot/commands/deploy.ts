import { deployGroup } from './group/go.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

/** `/bake deploy <service> <version> <environment>`: any release in good standing. */
export const deploy = word({
  name: 'deploy',
  usage: '/bake deploy <service> <version> <environment>',
  says: 'put a release in good standing somewhere',
  right: 'bake',
  ofGroup: deployGroup,
  read(line) {
    const service = line.service();
    return { service, version: line.version(), environment: line.environment(service) };
  },
  run: async (bot, asked, order) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'deploy', ...order, by: asked.by })),
});
