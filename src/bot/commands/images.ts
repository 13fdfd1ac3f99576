import { sentence } from '../views/blocks.ts';
import { oneLine } from '../views/format.ts';
import * as views from '../views/images.ts';
import { word } from './word.ts';

/** `/bake images <service>`: which images there are, why each is kept, and which go tonight. */
export const images = word<{ service: string }>({
  name: 'images',
  usage: '/bake images <service>',
  says: 'the images there are, why each is kept, and which go tonight',
  read: (line) => ({ service: line.service() }),
  async run(bot, _asked, { service }) {
    const retained = await bot.pipeline.query.images(service);
    return retained === undefined
      ? sentence(`Bakery does not know ${oneLine(service)} any more.`)
      : views.images(service, retained, bot.pipeline.query.policy(service)?.prices);
  },
});
