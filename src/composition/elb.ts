import type { ElbSettings } from '../balancers/elb/settings.ts';
import type { ElbBalancerSettings } from '../config/balancers/elb.ts';

/** How long a shift waits for a target that it had to register anew: its check, and what ELB takes beside it. */
const settling = 10_000;

/** ELB takes seconds. `workers` is how many share its budget of calls. */
export function elbSettings(
  { kind: _, check, drain, callsPerSecond, ...made }: ElbBalancerSettings,
  workers: () => number = () => 1,
): ElbSettings {
  const { every, timeout, ...goes } = check;
  return {
    ...made,
    share: { callsPerSecond, workers },
    check: { ...goes, every: every / 1_000, timeout: timeout / 1_000 },
    drain: drain / 1_000,
    patience: every + settling,
  };
}
