import type { Asked, Bot } from '../asked.ts';
import { asVersion, type Command } from '../grammar.ts';
import { versionOrRef } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { pipelineAnswer } from './pipeline-answer.ts';

/** `/bake <service> [ref]`: a new release. Asks when the ref may as well be the version of one that exists. */
export async function bake(bot: Bot, asked: Asked, command: Command & { is: 'bake' }): Promise<Drawn> {
  const { service, ref } = command;
  const version = ref === undefined ? undefined : asVersion(ref);
  if (ref !== undefined && version !== undefined) {
    const existing = await bot.pipeline.query.release(service, version);
    if (existing !== undefined) return versionOrRef(service, version, ref);
  }
  return requestRelease(bot, asked, service, ref);
}

/** Asks for a release of a ref as it is, without wondering whether it is a version. */
export async function requestRelease(
  bot: Bot,
  asked: Asked,
  service: string,
  ref: string | undefined,
): Promise<Drawn> {
  const order = { service, by: asked.by, ...(ref === undefined ? {} : { ref }) };
  return pipelineAnswer(bot, await bot.pipeline.requestRelease(order), service);
}
