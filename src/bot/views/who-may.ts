import { mustAct } from '../../pipeline/domain/consent.ts';
import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { newInstallation } from '../../pipeline/domain/installation.ts';
import type { People, Right, ServicePolicy } from '../../pipeline/domain/policy.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import { holders } from '../../pipeline/domain/rights.ts';

/**
 * Who holds a right there, as the files say it: by environment where they do, the administrators where nobody is named.
 * The policy of a view knows who claimed the installation.
 */
export const whoMay = (right: Right, policy: ServicePolicy, environment?: string): People =>
  holders(right, { policy, installation: newInstallation }, environment);

/** Those whose yes is still wanted: neither who gave his already, nor who asked for it, where he does not count. */
export const whoseYesIsWanted = (
  deployment: Deployment,
  policy: ServicePolicy,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
): People => mustAct({ policy, installation: newInstallation }, deployment, release);
