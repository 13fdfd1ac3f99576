import { reasonAndEnd } from '../time-words.ts';
import { badTime } from '../views/who.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { said, word } from './word.ts';

/** `/bake lock <service> [environment] "reason" [for 2h]`: keeps new releases out; always with an end. */
export const lock = word({
  name: 'lock',
  usage: '/bake lock <service> [environment] "reason" [for 2h]',
  says: 'keep new releases out, for two hours unless you say otherwise',
  right: 'lock',
  read(line) {
    const service = line.service();
    const environment = line.environmentIfThere(service);
    return { service, text: line.text('The reason'), ...said({ environment }) };
  },
  async run(bot, asked, { service, environment, text }) {
    const { reason, until, bad } = reasonAndEnd(text, bot.now());
    if (bad !== undefined) return badTime(bad);
    const order = { service, reason, ...said({ environment, until }) };
    return pipelineAnswer(bot, await bot.pipeline.handle({ do: 'lock', ...order, by: asked.by }));
  },
});

/** `/bake unlock <service> [environment]`. */
export const unlock = word({
  name: 'unlock',
  usage: '/bake unlock <service> [environment]',
  says: 'end your lock',
  right: 'lock',
  read(line) {
    const service = line.service();
    return { service, ...said({ environment: line.optionalEnvironment(service) }) };
  },
  run: async (bot, asked, order) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'unlock', ...order, by: asked.by })),
});

/** `/bake steal <service> [environment] "reason"`: takes somebody's lock over, and tells him. */
export const steal = word({
  name: 'steal',
  usage: '/bake steal <service> [environment] "reason"',
  says: "take somebody's lock over; its holder is told",
  right: 'lock',
  read(line) {
    const service = line.service();
    const environment = line.environmentIfThere(service);
    return { service, reason: line.text('The reason'), ...said({ environment }) };
  },
  run: async (bot, asked, order) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'steal lock', ...order, by: asked.by })),
});
