import type { Asked, Bot } from '../asked.ts';
import type { Command } from '../grammar.ts';
import type { Drawn } from '../views/drawn.ts';
import { pipelineAnswer } from './pipeline-answer.ts';

/** `/bake deploy <service> <version> <environment>`: any release in good standing. */
export async function deploy(bot: Bot, asked: Asked, command: Command & { is: 'deploy' }): Promise<Drawn> {
  const { service, version, environment } = command;
  return pipelineAnswer(
    bot,
    await bot.pipeline.handle({ do: 'deploy', service, version, environment, by: asked.by }),
  );
}
