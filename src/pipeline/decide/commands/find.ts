import { type Refusal, refuse } from '../../domain/command.ts';
import type { Deployment } from '../../domain/deployment.ts';
import type { EnvironmentPolicy } from '../../domain/policy.ts';
import type { Release } from '../../domain/release.ts';
import type { Draft } from '../draft.ts';

export function findRelease(draft: Draft, version: number): Release | Refusal {
  const { service, nextVersion } = draft.facts.service;
  const newest = nextVersion > 1 ? `The newest is v${nextVersion - 1}.` : 'It has no releases yet.';
  return (
    draft.facts.releases.get(version) ??
    refuse('unknown version', `There is no ${service} v${version}. ${newest}`)
  );
}

export function findEnvironment(draft: Draft, name: string): EnvironmentPolicy | Refusal {
  const { service, environments } = draft.facts.policy;
  const names = environments.map((environment) => environment.name).join(', ');
  return (
    environments.find((environment) => environment.name === name) ??
    refuse('unknown environment', `${service} has no environment ${name}. It has: ${names}.`)
  );
}

export function findDeployment(draft: Draft, id: string): Deployment | Refusal {
  return (
    draft.facts.deployments.get(id) ??
    refuse('unknown deployment', 'This deployment is not known any more. See /bake status for what is.')
  );
}

/** In words, what an ended deployment ended as. */
export const stateInWords = (deployment: Deployment): string =>
  `v${deployment.version} in ${deployment.environment} is ${deployment.state} (at ${deployment.stage})`;
