import type { GroupPolicy } from '../../pipeline/domain/group.ts';
import type { Queries } from '../../pipeline/pipeline.ts';
import type { GroupView } from '../../pipeline/views.ts';
import * as views from '../views/status.ts';
import { newestOfGroup } from './group/go.ts';
import { said, word } from './word.ts';

/** How many services one answer shows. */
const most = 40;

/** `/bake status [service]`: one service, or all of them. */
export const status = word<{ service?: string }>({
  name: 'status',
  usage: '/bake status [service]',
  says: 'what is live where, and what is under way',
  ofGroup: newestOfGroup,
  read: (line) => said({ service: line.optionalService() }),
  async run(bot, _asked, { service }) {
    const { query } = bot.pipeline;
    const all = query.services();
    const names = service === undefined ? all.slice(0, most) : [service];
    const found = await Promise.all(names.map((name) => query.service(name)));
    return views.status(
      found.filter((view) => view !== undefined),
      query.files(),
      service === undefined ? all.length - names.length : 0,
      await newestOf(service === undefined ? query.groups() : [], query),
    );
  },
});

async function newestOf(groups: readonly GroupPolicy[], query: Queries): Promise<GroupView[]> {
  const found = await Promise.all(groups.slice(0, most).map(({ group }) => query.group(group)));
  return found.filter((view) => view !== undefined);
}
