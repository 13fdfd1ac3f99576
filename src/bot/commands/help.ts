import { isRefusal } from '../../pipeline/domain/command.ts';
import { holders, permission } from '../../pipeline/domain/rights.ts';
import type { Asked, Bot } from '../asked.ts';
import { groupsOf, placeOf } from '../verified.ts';
import * as views from '../views/help.ts';
import { said, type Word, word } from './word.ts';

/** `/bake help [service]`: every word, with where the one who asks may use it; of a group those that take one. */
export const help = (others: readonly Word[]): Word => {
  const made: Word = word<{ service?: string }>({
    name: 'help',
    usage: '/bake help [service]',
    says: 'this: every word, and where you may use it',
    read: (line) => said({ service: line.optionalService() }),
    async run(bot, asked, { service }) {
      const { query } = bot.pipeline;
      const groups = query.groups();
      const about = service === undefined ? query.services() : [service];
      const told = await lines(bot, asked, [...others, made], about, service !== undefined);
      return views.help(
        groups.length === 0 ? told : told.map(withGroups),
        groups.filter(({ services }) => service === undefined || services.includes(service)),
      );
    },
    async ofGroup(bot, asked, { service }) {
      const group = bot.pipeline.query.groups().find((one) => one.group === service);
      const services = group?.services ?? [];
      const told = await lines(bot, asked, [...others, made].filter(takesGroups), services, true);
      return views.help(told.map(forGroup(service ?? '')), group === undefined ? [] : [group]);
    },
  });
  return made;
};

const takesGroups = (one: Word): boolean => one.takesGroups;

/** How the line is said where there are groups. */
const withGroups = (line: Told): Told =>
  line.takesGroups ? { ...line, usage: line.usage.replace(/service(?=[>\]])/, 'service or group') } : line;

const forGroup =
  (group: string) =>
  (line: Told): Told => ({ ...line, usage: line.usage.replace(/<service>|\[service\]/, group) });

type Told = views.HelpLine & Pick<Word, 'takesGroups'>;

/** The words with the services in which this person may use each. */
async function lines(
  bot: Bot,
  asked: Asked,
  words: readonly Word[],
  services: readonly string[],
  areNamed: boolean,
): Promise<Told[]> {
  const { by } = asked;
  const { query } = bot.pipeline;
  const policies = services.flatMap((name) => query.policy(name) ?? []);
  const installation = query.installation();
  const groups = await groupsOf(bot, by, policies);
  const verified = { ...placeOf(asked), ...(groups === undefined ? {} : { groups }) };
  const asking = { by, verified };
  return words.map(({ usage, says, right, takesGroups }) => {
    if (right === undefined) return { usage, says, takesGroups };
    // Somewhere is enough: environments can have people of their own.
    const may = policies.filter((policy) =>
      [undefined, ...policy.environments.map(({ name }) => name)].some(
        (environment) => !isRefusal(permission(asking, right, { policy, installation }, environment)),
      ),
    );
    return {
      usage,
      says,
      takesGroups,
      may: may.map(({ service }) => service),
      all: may.length === policies.length,
      who: areNamed
        ? [...new Set(policies.flatMap((policy) => holders(right, { policy, installation })))]
        : [],
    };
  });
}
