import type { Serving } from './deployment.ts';
import type { EnvironmentPolicy } from './policy.ts';

/**
 * Whether the operators' files ask for something else than serves: other settings, another version of a secret, or
 * another number of instances. To put that into use is a deployment of the release that is live.
 */
export const differsFrom = (
  { settings, instances }: Serving,
  plan: Pick<EnvironmentPolicy, 'settings' | 'count'>,
): boolean => settings !== plan.settings.digest || instances.length !== plan.count;
