import type { Asked, Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import { deploymentButtons } from '../views/buttons.ts';
import { buttonList } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { mustSayWhere } from './waiting.ts';
import { said, word } from './word.ts';

interface Order {
  service: string;
  environment?: string;
}

/** `/bake retire <service> [environment]`: what waits for it there, or a choice of them. */
export const retire = word<Order>({
  name: 'retire',
  usage: '/bake retire <service> [environment]',
  says: 'end the old release that runs beside the new one',
  right: 'retire',
  read(line) {
    const service = line.service();
    return { service, ...said({ environment: line.optionalEnvironment(service) }) };
  },
  run,
});

async function run(bot: Bot, asked: Asked, { service, environment }: Order): Promise<Drawn> {
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
  if (waiting.length > 1 || mustSayWhere(view, environment)) {
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
