import { type DeploymentStage, deploymentStages } from '../../pipeline/domain/deployment.ts';
import { type ReleaseStage, releaseStages } from '../../pipeline/domain/release.ts';
import type { Answer, Asked, Bot } from '../asked.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { committed, outdated } from './committed.ts';

/** Retry from here, on a failed release. */
export async function retryRelease(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, version } = value;
  const stage: ReleaseStage | undefined = releaseStages.find((one) => one === value.stage);
  if (version === undefined || stage === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'retry release', service, version, stage, by: asked.by }),
  );
}

/** Retry from here, on a failed deployment. */
export async function retryDeployment(bot: Bot, asked: Asked, value: ButtonValue): Promise<Answer> {
  const { service, deployment } = value;
  const stage: DeploymentStage | undefined = deploymentStages.find((one) => one === value.stage);
  if (deployment === undefined || stage === undefined) return outdated;
  return committed(
    bot,
    asked,
    await bot.pipeline.handle({ do: 'retry deployment', service, deployment, stage, by: asked.by }),
  );
}
