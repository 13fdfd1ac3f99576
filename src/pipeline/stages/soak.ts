import { hasNoTraffic } from '../domain/traffic.ts';
import type { DeploymentStageRules } from './contract.ts';
import { passed, skipped } from './contract.ts';
import { weightsFor } from './cut-over.ts';
import { measuringOf, probesAnswered } from './measuring.ts';
import { deploymentSubject, frontendOf, order, ownedBy } from './orders.ts';

/** Old and new run side by side and the new one is watched; when it is bad, traffic goes back by itself. */
export const soak: DeploymentStageRules = {
  name: 'soak',
  doing: 'watching the new one',
  next(deployment, context) {
    if (deployment.plan.soak === 0 || deployment.kind === 'repair') return skipped;
    if (deployment.done.includes(`watch.${deployment.id}`)) return passed;
    const until = (deployment.stages.soak.beganAt ?? context.now) + deployment.plan.soak;
    return {
      is: 'tasks',
      orders: [
        order(
          {
            kind: 'watch',
            effect: `watch.${deployment.id}`,
            generation: deployment.generation,
            subject: deploymentSubject(deployment),
            stage: 'soak',
            longer: deployment.plan.soak,
            input: {
              balancer: deployment.plan.balancer,
              provider: deployment.plan.provider,
              frontend: frontendOf(deployment),
              instances: deployment.instances,
              weights: weightsFor(deployment, 100),
              health: deployment.health,
              until,
              epoch: deployment.epoch ?? 0,
              owned: ownedBy(deployment, context),
              ...(hasNoTraffic(deployment.plan) ? {} : { measure: measuringOf(deployment) }),
            },
          },
          context,
        ),
      ],
    };
  },
  heard(deployment, heard) {
    if (heard.kind !== 'watch') return [];
    const { service, environment, version, id } = deployment;
    const { requests, failed, probes } = heard.result;
    const about = { service, environment, version, deployment: id };
    return [
      { type: 'TrafficMeasured', ...about, requests, failed },
      ...probesAnswered(deployment, 'after', probes),
      { type: 'DeploymentStepDone', ...about, effect: heard.effect },
    ];
  },
  undo: () => [],
};
