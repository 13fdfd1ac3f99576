import { isRefusal } from '../../pipeline/domain/command.ts';
import { holders, permission } from '../../pipeline/domain/rights.ts';
import type { Asked, Bot } from '../asked.ts';
import { groupsOf, placeOf } from '../verified.ts';
import * as views from '../views/help.ts';
import { said, type Word, word } from './word.ts';

/** `/bake help [service]`: every word, with where the one who asks may use it. */
export const help = (others: readonly Word[]): Word => {
  const made: Word = word<{ service?: string }>({
    name: 'help',
    usage: '/bake help [service]',
    says: 'this: every word, and where you may use it',
    read: (line) => said({ service: line.optionalService() }),
    run: async (bot, asked, { service }) => views.help(await lines(bot, asked, [...others, made], service)),
  });
  return made;
};

/** The words with the services in which this person may use each. */
async function lines(
  bot: Bot,
  asked: Asked,
  words: readonly Word[],
  only?: string,
): Promise<views.HelpLine[]> {
  const { by } = asked;
  const { query } = bot.pipeline;
  const policies = (only === undefined ? query.services() : [only]).flatMap(
    (name) => query.policy(name) ?? [],
  );
  const installation = query.installation();
  const groups = await groupsOf(bot, by, policies);
  const verified = { ...placeOf(asked), ...(groups === undefined ? {} : { groups }) };
  const asking = { by, verified };
  return words.map(({ usage, says, right }) => {
    if (right === undefined) return { usage, says };
    // Somewhere is enough: environments can have people of their own.
    const may = policies.filter((policy) =>
      [undefined, ...policy.environments.map(({ name }) => name)].some(
        (environment) => !isRefusal(permission(asking, right, { policy, installation }, environment)),
      ),
    );
    return {
      usage,
      says,
      may: may.map(({ service }) => service),
      all: may.length === policies.length,
      who: policies.length === 1 && policies[0] ? holders(right, { policy: policies[0], installation }) : [],
    };
  });
}
