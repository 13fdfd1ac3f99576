import { pipelineAnswer } from './pipeline-answer.ts';
import { said, word } from './word.ts';

interface Order {
  service: string;
  version: number;
  off?: 'off';
}

/** `/bake keep <service> <version> [off]`: pins an image, or lets go of it. */
export const keep = word<Order>({
  name: 'keep',
  usage: '/bake keep <service> <version> [off]',
  says: 'keep an image whatever its age; `off` lets go of it again',
  right: 'bake',
  read: (line) => ({
    service: line.service(),
    version: line.version(),
    ...said({ off: line.optionalOneOf(['off'] as const, 'word') }),
  }),
  run: async (bot, asked, { service, version, off }) =>
    pipelineAnswer(
      bot,
      await bot.pipeline.handle({ do: 'keep', service, version, pinned: off === undefined, by: asked.by }),
    ),
});
