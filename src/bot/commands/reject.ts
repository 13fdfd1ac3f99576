import { openReject } from '../actions/decide.ts';
import type { Answer, Asked, Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import { deploymentButtons } from '../views/buttons.ts';
import { buttonList } from '../views/choices.ts';
import { code, oneLine } from '../views/format.ts';
import { rejectGroup } from './group/decide.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { mustSayWhere, nothingWaits, type Which, waiting } from './waiting.ts';
import { said, word } from './word.ts';

interface Order extends Which {
  reason: string;
}

/** `/bake reject <service> [version] [environment] [reason]`: asks for the reason when none was given. */
export const reject = word<Order>({
  name: 'reject',
  usage: '/bake reject <service> [version] [environment] [reason]',
  says: 'say no to what waits for approval',
  right: 'approve',
  ofGroup: rejectGroup,
  read(line) {
    const service = line.service();
    const which = { version: line.versionIfThere(), environment: line.environmentIfThere(service) };
    return { service, ...said(which), reason: line.words() };
  },
  run,
});

async function run(bot: Bot, asked: Asked, { reason, ...which }: Order): Promise<Answer> {
  const { service } = which;
  const view = await bot.pipeline.query.service(service);
  const found = waiting(view, which);
  const [one] = found;
  if (one === undefined) return nothingWaits(bot, view, which);
  const isOpen = mustSayWhere(view, which.environment);
  if (isOpen && reason !== '') {
    const line = `/bake reject ${service} v${one.version} ${one.environment} ${reason}`;
    return sentence(`Where? Nothing was rejected. With the environment it is ${code(line)}.`);
  }
  if (found.length > 1 || isOpen) {
    const buttons = found.flatMap((each) =>
      deploymentButtons(each, view?.slots[each.environment])
        .filter(({ id }) => id === 'reject')
        .map((button) => ({ ...button, label: button.says })),
    );
    return buttonList(`Which of ${oneLine(service)} should be rejected?`, buttons);
  }
  if (reason === '') {
    return asked.triggerId === undefined
      ? sentence('A rejection needs a reason: say it at the end of the line.')
      : openReject(bot, asked, { service, deployment: one.id });
  }
  return pipelineAnswer(
    bot,
    await bot.pipeline.handle({ do: 'reject', service, deployment: one.id, reason, by: asked.by }),
  );
}
