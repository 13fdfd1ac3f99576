import type { Answer, Asked, Bot } from '../../asked.ts';
import { sentence } from '../../views/blocks.ts';
import { buttonList } from '../../views/choices.ts';
import { oneLine } from '../../views/format.ts';
import { groupButtons } from '../../views/group-buttons.ts';
import { pipelineAnswer } from '../pipeline-answer.ts';
import { said } from '../word.ts';
import { noRelease, shownGroup } from './shown.ts';

/** `/bake deploy <group> <version> <environment>`: asks for all of it again. */
export const deployGroup = async (
  bot: Bot,
  asked: Asked,
  order: { service: string; version: number; environment: string },
): Promise<Answer> =>
  pipelineAnswer(bot, await bot.pipeline.handle({ do: 'deploy group', ...order, by: asked.by }));

/** `/bake cancel <group> [version]` */
export async function cancelGroup(
  bot: Bot,
  asked: Asked,
  { service, version }: { service: string; version?: number },
): Promise<Answer> {
  const view = await bot.pipeline.query.group(service, version);
  if (view === undefined) return noRelease(service, version);
  const order = { do: 'cancel group', service, version: view.release.number, by: asked.by } as const;
  return pipelineAnswer(bot, await bot.pipeline.handle(order));
}

interface Back {
  service: string;
  version?: number;
  environment?: string;
  reason?: string;
  anyway?: true;
}

/** `/rollback <group> [version] [environment] [reason]`: without an environment one button names it, where there is one. */
export async function rollBackGroup(bot: Bot, asked: Asked, order: Back): Promise<Answer> {
  const { service, version, environment, reason, anyway } = order;
  const name = oneLine(service, 60);
  if (anyway === true)
    return sentence(
      `A group never goes back past a migration. Name the service: \`/rollback <service> <version> <environment> anyway "reason"\`. Nothing was done.`,
    );
  if (environment !== undefined) {
    const command = { do: 'roll back group', service, environment, by: asked.by } as const;
    return pipelineAnswer(bot, await bot.pipeline.handle({ ...command, ...said({ version, reason }) }));
  }
  const environments = bot.pipeline.query.groups().find(({ group }) => group === service)?.environments ?? [];
  const to = version === undefined ? '' : ` v${version}`;
  const line = `Say where: \`/rollback ${name}${version === undefined ? ' v<version>' : to} <environment>\` (${environments.join(', ')}).`;
  if (version !== undefined) return sentence(`${line} Nothing was done.`);
  const views = await bot.pipeline.query.groupHistory(service, 10);
  const buttons = views.flatMap(groupButtons).filter(({ id }) => id === 'roll-back-group');
  if (buttons.length === 0)
    return sentence(`Nothing of ${name} can be rolled back together now. ${line} Nothing was done.`);
  return buttonList(
    `Roll *${name}* back to what ran before its newest release? To go further back: ${line}`,
    buttons.map((button) => ({ ...button, label: button.says })),
  );
}

/** `/bake status <group>`, `/bake why <group>`: the newest release of it, as its card shows it. */
export const newestOfGroup = (bot: Bot, _asked: Asked, order: { service?: string }): Promise<Answer> =>
  shownGroup(bot, { service: order.service ?? '' });
