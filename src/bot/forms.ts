import { isRef } from '../pipeline/domain/ref.ts';
import type { Answer, Asked, Bot } from './asked.ts';
import { requestRelease } from './commands/bake.ts';
import { pipelineAnswer } from './commands/pipeline-answer.ts';
import { troubleOf } from './slack-error.ts';
import { chosenVersion } from './suggestions.ts';
import { sentence } from './views/blocks.ts';
import { type FormId, releaseForm, rollBackForm } from './views/forms.ts';

/** What was filled in, by the id of each input. */
export type Filled = Readonly<Record<string, string | undefined>>;

/** A dialog that comes back: what is wrong with it, by input, and what it does. */
export interface Form {
  problems(bot: Bot, filled: Filled): Record<string, string>;
  run(bot: Bot, asked: Asked, filled: Filled): Promise<Answer>;
}

/** Which dialog goes where. */
export const forms: Record<FormId, Form> = {
  'release-form': {
    problems: (bot, { service = '', ref }) => ({
      ...(isGroup(bot, service) ? {} : unknownService(bot, service)),
      ...(ref === undefined || isRef(ref)
        ? {}
        : { ref: 'Git takes no such name for a branch, a tag or a commit.' }),
    }),
    run: (bot, asked, { service = '', ref }) => requestRelease(bot, asked, service, ref),
  },
  'roll-back-form': {
    problems: (bot, { service = '', version }) => ({
      ...unknownService(bot, service),
      ...(chosenVersion(version) === undefined ? { version: 'Choose one of the versions offered.' } : {}),
    }),
    async run(bot, asked, { service = '', version, reason }) {
      const to = chosenVersion(version);
      if (to === undefined) return sentence('No version was chosen, so nothing was done.');
      const order = { do: 'roll back' as const, service, ...to, by: asked.by };
      return pipelineAnswer(
        bot,
        await bot.pipeline.handle(reason === undefined ? order : { ...order, reason }),
      );
    },
  },
};

const isGroup = ({ pipeline: { query } }: Bot, name: string): boolean =>
  query.groups().some(({ group }) => group === name);

const unknownService = ({ pipeline: { query } }: Bot, service: string): Record<string, string> =>
  query.policy(service) === undefined ? { service: 'Choose one of the services offered.' } : {};

/** Opens a dialog, filled with what the channel tells. A dialog that Slack did not open is told as a sentence. */
export async function openForm(bot: Bot, asked: Asked, id: FormId): Promise<Answer> {
  if (asked.triggerId === undefined) return sentence('A dialog opens in Slack only.');
  const known = ofChannel(bot, asked.channel);
  const view = id === 'release-form' ? releaseForm(known, asked.channel) : rollBackForm(known, asked.channel);
  try {
    await bot.clients.interactive.views.open({ trigger_id: asked.triggerId, view });
    return undefined;
  } catch (error) {
    bot.log.warn({ trouble: troubleOf(error), id }, 'a dialog did not open');
    return sentence(
      'Slack did not open the dialog in time. Nothing was done: try again, or say it in one line.',
    );
  }
}

/** The service whose cards stand in this channel, when there is just one. */
function ofChannel({ pipeline: { query } }: Bot, channel: string): { service?: string; branch?: string } {
  const here = query
    .services()
    .flatMap((name) => query.policy(name) ?? [])
    .filter((policy) => policy.channel === channel);
  const [only] = here;
  return only === undefined || here.length > 1 ? {} : { service: only.service, branch: only.branch };
}
