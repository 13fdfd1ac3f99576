import { theClock } from '../domain/actor.ts';
import type { Deployment, Serving } from '../domain/deployment.ts';
import { revocationOf } from '../domain/revoked.ts';
import { quarantine } from './advance-deployment.ts';
import { takeOver } from './commands/roll-back.ts';
import type { Draft } from './draft.ts';

/** Ever more seldom: after the first try, the second, the fourth, the eighth; each takes some minutes. */
export const isTimeFor = (tries: number): boolean => Number.isInteger(Math.log2(tries));

/**
 * What served before does not take its traffic back: it is started again from its image, as a rollback of the clock's,
 * with the settings it had; not one whose image is gone or revoked.
 */
export function startAgain(draft: Draft, failed: Deployment, before: Serving): void {
  const { facts } = draft;
  const release = facts.releases.get(before.version);
  const settings = facts.deployments.get(before.deployment)?.plan.settings;
  if (release?.image === undefined || release.imageRemovedAt !== undefined || settings === undefined) return;
  if (revocationOf(release.image, facts.installation) !== undefined) return;
  const reason = `v${failed.version} failed, and v${before.version} did not take its traffic back.`;
  const id = takeOver(draft, release, { ...failed.plan, settings }, { by: theClock, reason });
  const made = facts.deployments.get(id);
  const isOther = failed.version !== before.version;
  // One that was live is left behind by the rollback itself.
  if (made !== undefined && isOther && !failed.wentLive) quarantine(draft, made, failed.version);
}
