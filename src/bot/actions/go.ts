import type { Answer, Asked, Bot } from '../asked.ts';
import { requestRelease } from '../commands/bake.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { environmentChoices } from '../views/choices.ts';
import { committed, outdated } from './committed.ts';

/** Roll back, on a card or in a choice of versions. */
export async function rollBack(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version, environment } = value;
  if (version === undefined || environment === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'roll back', service, version, environment, by: asked.by }),
  );
}

/** "I meant the tag or branch." */
export async function bakeRef(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  return value.ref === undefined ? outdated : requestRelease(bot, asked, value.service, value.ref);
}

/** "I meant the version that exists": then where to? */
export async function chooseEnvironment(bot: Bot, _asked: Asked, value: ButtonValue): Promise<Answer> {
  const policy = bot.pipeline.query.policy(value.service);
  if (policy === undefined || value.version === undefined) return outdated;
  const names = policy.environments.map(({ name }) => name);
  return environmentChoices(value.service, value.version, names);
}

/** Puts an existing release into the environment that was chosen. */
export async function deploy(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version, environment } = value;
  if (version === undefined || environment === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'deploy', service, version, environment, by: asked.by }),
  );
}
