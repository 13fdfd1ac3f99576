import type { ServiceView } from '../../pipeline/views.ts';
import { sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { reaperWords } from '../views/notice.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { said, word } from './word.ts';

interface Order {
  service: string;
  doing?: 'allow';
}

/** `/bake reaper <service> [allow]`: what keeps leftovers from being removed, and the yes to go on. */
export const reaper = word<Order>({
  name: 'reaper',
  usage: '/bake reaper <service> [allow]',
  says: 'whether leftovers are removed; `allow` lets it go on after it stopped',
  right: 'retire',
  read: (line) => ({
    service: line.service(),
    ...said({ doing: line.optionalOneOf(['allow'] as const, 'word') }),
  }),
  async run(bot, asked, { service, doing }) {
    if (doing === 'allow')
      return pipelineAnswer(bot, await bot.pipeline.handle({ do: 'allow reaper', service, by: asked.by }));
    return stateOf(await bot.pipeline.query.service(service), service);
  },
});

const stateOf = (view: ServiceView | undefined, service: string): Drawn =>
  sentence(reaperWords(service, view?.service.reaperStopped));
