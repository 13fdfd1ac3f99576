import type { Answer, Asked, Bot } from '../asked.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { committed, outdated } from './committed.ts';

/** Cancel on a release. */
export async function cancelRelease(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version } = value;
  if (version === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'cancel release', service, version, by: asked.by }),
  );
}

/** Cancel on a deployment, before traffic moves. */
export async function cancelDeployment(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, deployment } = value;
  if (deployment === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'cancel deployment', service, deployment, by: asked.by }),
  );
}

/** Retire old. */
export async function retireOld(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, deployment } = value;
  if (deployment === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'retire', service, deployment, by: asked.by }),
  );
}

/** Unlock, in App Home. */
export async function unlock(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, environment } = value;
  if (environment === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'unlock', service, environment, by: asked.by }),
  );
}
