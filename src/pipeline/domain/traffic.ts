import type { EnvironmentPolicy } from './policy.ts';

/** A worker: no balancer stands before it. It is proven by its own health check, and the old one drains itself. */
export const hasNoTraffic = ({ traffic }: Pick<EnvironmentPolicy, 'traffic'>): boolean => traffic === 'none';

/** A singleton: two of it may never run at once, so that the old one ends before the new one is started. */
export const stopsOldFirst = (plan: Pick<EnvironmentPolicy, 'traffic' | 'overlap'>): boolean =>
  hasNoTraffic(plan) && plan.overlap === false;
