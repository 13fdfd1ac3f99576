import type { Serving } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import type { EnvironmentPolicy } from '../domain/policy.ts';
import type { Release } from '../domain/release.ts';
import type { HealthCheck } from '../domain/service-file.ts';

/** What a slot is to be held at. */
export interface Held {
  live: Serving;
  release: Release;
  plan: EnvironmentPolicy;
  health: HealthCheck;
}

/**
 * What a slot is to be held at, as it was deployed; as the policy is now when the ledger has forgotten that deployment.
 * Undefined when nothing is live, or when its release is not known: then it cannot be started again.
 */
export function heldIn(facts: Facts, environment: string): Held | undefined {
  const live = facts.slots.get(environment)?.live;
  const release = live === undefined ? undefined : facts.releases.get(live.version);
  if (live === undefined || release?.file === undefined) return undefined;
  const deployment = facts.deployments.get(live.deployment);
  const plan = deployment?.plan ?? facts.policy.environments.find(({ name }) => name === environment);
  return plan && { live, release, plan, health: deployment?.health ?? release.file.health };
}
