import { openRejectGroup } from '../../actions/group.ts';
import type { Answer, Asked, Bot } from '../../asked.ts';
import { sentence } from '../../views/blocks.ts';
import { oneLine } from '../../views/format.ts';
import { askedFor } from '../../views/group-buttons.ts';
import { whatWaits } from '../../views/group-what-waits.ts';
import { placeOf } from '../../views/group-words.ts';
import { pipelineAnswer } from '../pipeline-answer.ts';
import { noRelease, shownGroup } from './shown.ts';

interface Which {
  service: string;
  version?: number;
  environment?: string;
}

/** `/bake approve <group>`: its card, with the buttons. A terminal has none: there, with all three, it is the yes itself. */
export async function approveGroup(bot: Bot, asked: Asked, which: Which): Promise<Answer> {
  const { service, version, environment } = which;
  if (asked.by.kind === 'person' || version === undefined || environment === undefined)
    return shownGroup(bot, which);
  const view = await bot.pipeline.query.group(service, version);
  if (view === undefined) return noRelease(service, version);
  const order = { do: 'approve group', service, version, environment, by: asked.by } as const;
  return pipelineAnswer(bot, await bot.pipeline.handle({ ...order, what: whatWaits(view, environment) }));
}

/** `/bake reject <group> [version] [environment] [reason]`: asks for the reason when none was given. */
export async function rejectGroup(
  bot: Bot,
  asked: Asked,
  { service, version, environment, reason }: Which & { reason: string },
): Promise<Answer> {
  const view = await bot.pipeline.query.group(service, version);
  if (view === undefined) return noRelease(service, version);
  const where = environment ?? placeOf(view.release);
  if (askedFor(view, where).length === 0)
    return sentence(`Nothing of ${oneLine(service, 60)} v${view.release.number} waits for a word there.`);
  const order = { service, version: view.release.number, environment: where };
  if (reason !== '')
    return pipelineAnswer(
      bot,
      await bot.pipeline.handle({ do: 'reject group', ...order, reason, by: asked.by }),
    );
  return asked.triggerId === undefined
    ? sentence('A rejection needs a reason: say it at the end of the line.')
    : openRejectGroup(bot, asked, order);
}
