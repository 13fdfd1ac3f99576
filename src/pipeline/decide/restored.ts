import { isDeploymentOver } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import { isOver } from '../domain/release.ts';
import type { At } from '../domain/time.ts';
import { leasesPerRestore } from '../stages/orders.ts';
import { aboutOf } from './advance-deployment.ts';
import { type Decision, Draft } from './draft.ts';

/** More than the deployments that a slot can have had that came to be after the backup was made. */
const deploymentsPerRestore = 1_000;

/**
 * What a restore means for a service: the ledger is older than the clouds, so nothing that it holds as under way goes
 * on, and nothing of it is undone, since what it had begun may serve by now. Leases, deployments and generations are
 * numbered above all that may have been since, so that nothing is taken for something made before. Until the clouds
 * were looked at the service takes no command.
 */
export function restored(facts: Facts, epoch: number, now: At): Decision {
  const draft = new Draft(facts, now);
  const { service } = facts.policy;
  for (const release of facts.releases.values()) {
    if (!isOver(release))
      draft.emit({ type: 'ReleaseEnded', service, version: release.version, as: 'cancelled' });
  }
  for (const deployment of facts.deployments.values()) {
    if (!isDeploymentOver(deployment))
      draft.emit({ type: 'DeploymentEnded', ...aboutOf(deployment), as: 'cancelled' });
  }
  for (const slot of facts.slots.values()) {
    draft.emit({
      type: 'SlotRestored',
      service,
      environment: slot.environment,
      epoch: Math.max(slot.epoch, epoch * leasesPerRestore),
      deployments: Math.max(slot.deployments, epoch * deploymentsPerRestore),
    });
  }
  draft.emit({ type: 'LedgerRestored', service, epoch });
  return draft.decision({ accepted: true, sentence: `${service} waits for a look at the clouds.` });
}
