import type { Asked, Bot } from '../asked.ts';
import { decisions } from '../views/decisions.ts';
import type { Drawn } from '../views/drawn.ts';
import { approveGroup } from './group/decide.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { nothingWaits, type Which, waiting } from './waiting.ts';
import { said, word } from './word.ts';

/**
 * `/bake approve <service> [version] [environment]`: what there is to decide, with the button whose dialog shows once
 * more what a yes is to. A terminal has none: there, with all three, it is the yes itself.
 */
export const approve = word<Which>({
  name: 'approve',
  usage: '/bake approve <service> [version] [environment]',
  says: 'what waits for a yes: all there is to know of it, and the buttons',
  right: 'approve',
  ofGroup: approveGroup,
  read(line) {
    const service = line.service();
    return {
      service,
      ...said({ version: line.optionalVersion(), environment: line.optionalEnvironment(service) }),
    };
  },
  run,
});

async function run(bot: Bot, asked: Asked, which: Which): Promise<Drawn> {
  const { service, version, environment } = which;
  const view = await bot.pipeline.query.service(service);
  const found = waiting(view, which);
  const [one] = found;
  if (one === undefined) return nothingWaits(bot, view, which);
  if (asked.by.kind === 'person' || version === undefined || environment === undefined) {
    const views = await Promise.all(found.map(({ id }) => bot.pipeline.query.deployment(id)));
    return decisions(views.filter((view) => view !== undefined));
  }
  const order = { deployment: one.id, image: one.image.digest, settings: one.plan.settings.digest };
  return pipelineAnswer(bot, await bot.pipeline.handle({ do: 'approve', service, ...order, by: asked.by }));
}
