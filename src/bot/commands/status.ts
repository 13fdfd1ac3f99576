import * as views from '../views/status.ts';
import { said, word } from './word.ts';

/** `/bake status [service]`: one service, or all of them. */
export const status = word<{ service?: string }>({
  name: 'status',
  usage: '/bake status [service]',
  says: 'what is live where, and what is under way',
  read: (line) => said({ service: line.optionalService() }),
  async run(bot, _asked, { service }) {
    const { query } = bot.pipeline;
    const names = service === undefined ? query.services().slice(0, 40) : [service];
    const found = await Promise.all(names.map((name) => query.service(name)));
    return views.status(
      found.filter((view) => view !== undefined),
      query.files(),
    );
  },
});
