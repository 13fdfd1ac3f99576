import type { Approval, Deployment } from './deployment.ts';
import type { People, ServicePolicy } from './policy.ts';

/**
 * A deployment with what the operators' files ask for by now, as long as it has not taken its slot. The plan is that of
 * the request: the files may ask for more people since, for others, and not take one's own word any more. They never
 * ask for less than at the request. What stands in the ledger is not changed by it.
 */
export function askedToday<D extends Deployment>(deployment: D, policy: ServicePolicy): D {
  const { plan, environment, state, epoch } = deployment;
  const today = policy.environments.find(({ name }) => name === environment);
  if (today === undefined || state !== 'running' || epoch !== undefined) return deployment;
  const oneOf = oneOfToday(deployment, today.oneOf);
  return {
    ...deployment,
    plan: {
      ...plan,
      promotion: today.promotion === 'approval' ? today.promotion : plan.promotion,
      approvals: Math.max(plan.approvals, today.approvals),
      selfApproval: plan.selfApproval && today.selfApproval,
      ...(oneOf.length === 0 ? {} : { oneOf }),
    },
    approvals: deployment.approvals.map((one) => judgedBy(one, plan.oneOf)),
  };
}

/** A list that was taken out of the files while it waits still holds: it was asked for with it. */
function oneOfToday({ plan, approvals }: Deployment, today: People = []): People {
  return today.length > 0 ? today : (approvals.at(-1)?.oneOf ?? plan.oneOf ?? []);
}

/** Each yes keeps the list by which it was looked at when it was given. */
const judgedBy = (approval: Approval, before: People = []): Approval => ({ oneOf: before, ...approval });
