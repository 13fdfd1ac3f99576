import { mustAct } from '../../pipeline/domain/consent.ts';
import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { newInstallation } from '../../pipeline/domain/installation.ts';
import type { People, Right, ServicePolicy } from '../../pipeline/domain/policy.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import { holders } from '../../pipeline/domain/rights.ts';
import type { DeploymentView } from '../../pipeline/views.ts';
import { people } from './format.ts';

/**
 * Who holds a right there, as the files say it: by environment where they do, the administrators where nobody is named.
 * The policy of a view knows who claimed the installation.
 */
export const whoMay = (right: Right, policy: ServicePolicy, environment?: string): People =>
  holders(right, { policy, installation: newInstallation }, environment);

/** Those whose yes is still wanted: neither who gave his already, nor who asked for it or wrote it, where he does not count. */
export const whoseYesIsWanted = (
  deployment: Deployment,
  policy: ServicePolicy,
  release: Pick<Release, 'requestedBy' | 'retriedBy'> | undefined,
  wroteIt: readonly string[] = [],
): People => mustAct({ policy, installation: newInstallation }, deployment, release, wroteIt);

/** Those in words, for whoever asks who can move it. */
export function whoApproves(
  deployment: Deployment,
  { policy, release, wroteIt }: Pick<DeploymentView, 'policy' | 'release' | 'wroteIt'>,
): string {
  const listed = whoseYesIsWanted(deployment, policy, release, wroteIt);
  return listed.length > 0 || whoMay('approve', policy, deployment.environment).length === 0
    ? people(listed)
    : 'nobody of those who may approve (all of them have a part in it), so it takes another whom the operators name, or an override';
}
