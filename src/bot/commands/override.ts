import { overrides as drawOverrides } from '../views/overrides.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

/** `/bake override <service> <version> <environment> "reason"`: puts the rules aside, loudly. */
export const override = word({
  name: 'override',
  usage: '/bake override <service> <version> <environment> "reason"',
  says: 'release against a freeze, a lock, a quarantine or missing approvals; told loudly, and listed',
  right: 'override',
  read(line) {
    const service = line.service();
    return {
      service,
      version: line.version(),
      environment: line.environment(service),
      reason: line.text('The reason'),
    };
  },
  run: async (bot, asked, order) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'override', ...order, by: asked.by })),
});

/** `/bake overrides <service>`: who put the rules aside, when and why. */
export const overrides = word({
  name: 'overrides',
  usage: '/bake overrides <service>',
  says: 'who put the rules aside, when and why',
  read: (line) => ({ service: line.service() }),
  run: async (bot, _asked, { service }) =>
    drawOverrides(service, await bot.pipeline.query.overrides(service, 20)),
});
