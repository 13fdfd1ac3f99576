import type { Asked, Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import { diffView } from '../views/diff.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { word } from './word.ts';

interface Order {
  service: string;
  from: number;
  to: number;
}

/** `/bake diff <service> v41 v42`: commits, and what differs in the images. */
export const diff = word<Order>({
  name: 'diff',
  usage: '/bake diff <service> <version> <version>',
  says: 'what lies between two releases: commits, packages and files',
  read: (line) => ({ service: line.service(), from: line.version(), to: line.version() }),
  run,
});

async function run(bot: Bot, _asked: Asked, { service, from, to }: Order): Promise<Drawn> {
  const { query } = bot.pipeline;
  const changes = await query.changes(service, from, to);
  if (changes !== undefined) return diffView(service, changes);
  const missing = (await query.release(service, from)) === undefined ? from : to;
  const name = oneLine(service);
  return sentence(`There is no ${name} v${missing}. \`/bake history ${name}\` shows what there is.`);
}
