import { parsePoint } from '../time-point.ts';
import { badTime, who as drawWho } from '../views/who.ts';
import { word } from './word.ts';

/** `/bake who <service> at <time>`: what was live then, and who approved it. */
export const who = word({
  name: 'who',
  usage: '/bake who <service> [at 2026-11-20T14:05]',
  says: 'what was live at that time (UTC), and who approved it',
  read(line) {
    const service = line.service();
    return { service, text: line.words().replace(/^at\s+/i, '') };
  },
  async run(bot, _asked, { service, text }) {
    const at = text === '' ? bot.now() : parsePoint(text, bot.now());
    if (at === undefined) return badTime(text);
    return drawWho(service, at, await bot.pipeline.query.liveAt(service, at));
  },
});
