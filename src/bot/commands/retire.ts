import type { Asked, Bot } from '../asked.ts';
import type { Command } from '../grammar.ts';
import { sentence } from '../views/blocks.ts';
import { deploymentButtons } from '../views/buttons.ts';
import { buttonList } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { pipelineAnswer } from './pipeline-answer.ts';

/** `/bake retire <service> [environment]`: the only old release that waits for it, or a choice of them. */
export async function retire(bot: Bot, asked: Asked, command: Command & { is: 'retire' }): Promise<Drawn> {
  const { service, environment } = command;
  const view = await bot.pipeline.query.service(service);
  const waiting = (view?.open.deployments ?? [])
    .filter((one) => environment === undefined || one.environment === environment)
    .flatMap((one) =>
      deploymentButtons(one, view?.slots[one.environment])
        .filter(({ id }) => id === 'retire')
        .map((button) => ({ deployment: one.id, button: { ...button, label: button.says } })),
    );
  const [only] = waiting;
  if (only === undefined) {
    const where = environment === undefined ? '' : ` in ${oneLine(environment)}`;
    return sentence(`No old release of ${oneLine(service)} waits to be retired${where}.`);
  }
  if (waiting.length > 1) {
    return buttonList(
      `Which old release of ${oneLine(service)} should be retired?`,
      waiting.map(({ button }) => button),
    );
  }
  return pipelineAnswer(
    bot,
    await bot.pipeline.handle({ do: 'retire', service, deployment: only.deployment, by: asked.by }),
  );
}
