import { actorKey } from '../../pipeline/domain/actor.ts';
import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { newInstallation } from '../../pipeline/domain/installation.ts';
import type { People, Right, ServicePolicy } from '../../pipeline/domain/policy.ts';
import { holders } from '../../pipeline/domain/rights.ts';

/**
 * Who holds a right there, as the files say it: by environment where they do, the administrators where nobody is named.
 * The policy of a view knows who claimed the installation.
 */
export const whoMay = (right: Right, policy: ServicePolicy, environment?: string): People =>
  holders(right, { policy, installation: newInstallation }, environment);

/** Those whose yes is still wanted: neither who gave his already, nor who asked for it, where he does not count. */
export function whoseYesIsWanted(deployment: Deployment, policy: ServicePolicy): People {
  const { environment, approvals, requestedBy, plan } = deployment;
  const out = new Set(approvals.map(({ by }) => actorKey(by)));
  if (!plan.selfApproval) out.add(actorKey(requestedBy));
  return whoMay('approve', policy, environment).filter((entry) => !out.has(entry));
}
