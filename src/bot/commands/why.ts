import { deploymentWithAuthor } from '../authors.ts';
import { sentence } from '../views/blocks.ts';
import { oneLine } from '../views/format.ts';
import * as views from '../views/why.ts';
import { newestOfGroup } from './group/go.ts';
import { word } from './word.ts';

/** `/bake why <service>`: what each thing under way waits for, since when, who can move it, what happens at the end. */
export const why = word<{ service: string }>({
  name: 'why',
  usage: '/bake why <service>',
  says: 'what it waits for, since when, who can move it, and what happens at the deadline',
  ofGroup: newestOfGroup,
  read: (line) => ({ service: line.service() }),
  async run(bot, _asked, { service }) {
    const { query } = bot.pipeline;
    const view = await query.service(service);
    if (view === undefined) return sentence(`Bakery does not know ${oneLine(service)} any more.`);
    const { open } = view;
    const [releases, deployments] = await Promise.all([
      Promise.all(open.releases.slice(0, 10).map(({ version }) => query.release(service, version))),
      Promise.all(open.deployments.slice(0, 10).map(({ id }) => query.deployment(id))),
    ]);
    return views.why(
      view,
      releases.filter((one) => one !== undefined),
      await Promise.all(
        deployments
          .filter((one) => one !== undefined)
          .map((one) => deploymentWithAuthor(one, bot.membership.mailbox)),
      ),
    );
  },
});
