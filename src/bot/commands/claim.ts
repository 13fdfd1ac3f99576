import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

/** `/bake claim <code>`: who started Bakery becomes its administrator, with the code that it printed. */
export const claim = word({
  name: 'claim',
  usage: '/bake claim <code>',
  says: 'become the administrator of a new Bakery, with the code that it printed at its start',
  changes: true,
  read: (line) => ({ code: line.text('The code') }),
  run: async (bot, asked, { code }) =>
    pipelineAnswer(bot, await bot.pipeline.handle({ do: 'claim', service: 'all', code, by: asked.by })),
});
