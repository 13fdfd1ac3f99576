import type { Actor } from '../../pipeline/domain/actor.ts';
import { isRefusal } from '../../pipeline/domain/command.ts';
import type { Queries } from '../../pipeline/pipeline.ts';
import type { Bot } from '../asked.ts';
import { stillRunning } from '../still-running.ts';
import { reasonAndEnd } from '../time-words.ts';
import { sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { badTime } from '../views/who.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { said, word } from './word.ts';

const usual = 24 * 3_600_000;

/** `/bake freeze all|<service> "reason" [until … | for …]`. */
export const freeze = word({
  name: 'freeze',
  usage: '/bake freeze all|<service> "reason" [until 2026-12-01T08:00]',
  says: 'nothing new goes where people have to agree; rollbacks do',
  right: 'lock',
  read: (line) => ({ service: line.serviceOrAll(), text: line.text('The reason') }),
  async run(bot, asked, { service, text }) {
    const now = bot.now();
    const { reason, until = now + usual, bad } = reasonAndEnd(text, now);
    if (bad !== undefined) return badTime(bad);
    const order = { reason, until, by: asked.by };
    return pipelineAnswer(
      bot,
      await bot.pipeline.handle(
        service === 'all' ? { do: 'freeze all', service, ...order } : { do: 'freeze', service, ...order },
      ),
    );
  },
});

/** `/bake unfreeze all|<service>`. */
export const unfreeze = word({
  name: 'unfreeze',
  usage: '/bake unfreeze all|<service>',
  says: 'end a freeze that somebody ordered',
  right: 'lock',
  read: (line) => ({ service: line.serviceOrAll() }),
  run: async (bot, { by }, { service }) =>
    pipelineAnswer(
      bot,
      await bot.pipeline.handle(
        service === 'all' ? { do: 'unfreeze all', service, by } : { do: 'unfreeze', service, by },
      ),
    ),
});

/** `/bake stop all|<service> "reason"`: ends everything that has not begun to move traffic. */
export const stop = word({
  name: 'stop',
  usage: '/bake stop all|<service> "reason"',
  says: 'end everything that has not begun to move traffic',
  right: 'bake',
  read: (line) => ({ service: line.serviceOrAll(), reason: line.text('The reason') }),
  async run(bot, { by }, { service, reason }) {
    const names = service === 'all' ? bot.pipeline.query.services() : [service];
    const answers = await Promise.all(
      names.map((name) => bot.pipeline.handle({ do: 'stop', service: name, reason, by })),
    );
    const [only] = answers;
    if (answers.length === 1 && only !== undefined) return pipelineAnswer(bot, only);
    bot.wake();
    const done = answers.filter((answer) => 'accepted' in answer);
    const refused = answers.filter((answer) => 'refused' in answer && answer.refused !== 'nothing to do');
    return {
      ...sentence(
        [...done, ...refused].map((answer) => answer.sentence).join('\n') ||
          'Nothing is under way that has not moved traffic already.',
      ),
      ...said({ refused: done.length === 0 ? true : undefined }),
    };
  },
});

/** `/bake revoke <service> <version> "reason"`: its image is launched by no path any more. */
export const revoke = word({
  name: 'revoke',
  usage: '/bake revoke <service> <version> "reason"',
  says: 'its image, and what was baked from it, is never launched again',
  right: 'lock',
  read: (line) => ({ service: line.service(), version: line.version(), reason: line.text('The reason') }),
  run: (bot, { by }, order) => revokeAnswer(bot, order, by),
});

/** Revokes, and tells also what other services run that was baked from it. */
export async function revokeAnswer(
  bot: Pick<Bot, 'pipeline' | 'wake'>,
  order: { service: string; version: number; reason: string },
  by: Actor,
): Promise<Drawn> {
  const answer = await bot.pipeline.handle({ do: 'revoke', ...order, by });
  if (isRefusal(answer)) return pipelineAnswer(bot, answer);
  const others = await runningOfOthers(bot.pipeline.query, order);
  const more = others.length === 0 ? '' : ` Of other services: ${others.join('; ')}.`;
  return pipelineAnswer(bot, { ...answer, sentence: `${answer.sentence}${more}` });
}

/** What other services still run that was baked from the image that was just revoked; the answer itself tells of its own. */
function runningOfOthers(query: Queries, { service, version }: { service: string; version: number }) {
  const made = query.installation().revoked.find((one) => one.service === service && one.version === version);
  const others = query.services().filter((name) => name !== service);
  return made === undefined ? Promise.resolve([]) : stillRunning(query, made, others);
}
