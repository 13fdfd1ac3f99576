import * as views from '../views/history.ts';
import { groupHistory } from './group/history.ts';
import { word } from './word.ts';

/** `/bake history <service>`: the last ten releases. */
export const history = word({
  name: 'history',
  usage: '/bake history <service>',
  says: 'the last releases and where they got to',
  ofGroup: groupHistory,
  read: (line) => ({ service: line.service() }),
  run: async (bot, _asked, { service }) =>
    views.history(service, await bot.pipeline.query.history(service, 10)),
});
