import { faults } from '../../pipeline/domain/fault.ts';
import type { Notification, NotificationKind } from '../../pipeline/domain/notification.ts';

const says: Record<NotificationKind, string> = {
  'release.requested': 'was asked for',
  'release.ready': 'is production ready',
  'release.superseded': 'was superseded by a newer one',
  'release.failed': 'failed',
  'deployment.requested': 'is to be deployed',
  'deployment.waiting': 'waits for approval',
  'deployment.approved': 'was approved',
  'deployment.rejected': 'was rejected',
  'deployment.expired': 'was not decided about in time',
  'deployment.overridden': 'goes on though the rules stood against it',
  'deployment.live': 'is live',
  'deployment.finished': 'is in place',
  'deployment.failed': 'was not deployed',
  'traffic.returned': 'has the traffic again',
  'instances.lost': 'lost instances, which are being replaced',
  'repairs.stopped': 'keeps losing instances and is not repaired any more',
  'standby.lost': 'cannot be gone back to any more',
  'leftover.found': 'left something behind that could not be removed',
  'reaper.stopped': 'has leftovers that nobody but a person may remove',
};

/** One plain sentence: no names, no reasons, no output. */
export function sentenceOf({ type, service, version, environment, stage, fault }: Notification): string {
  const what = `${service}${version === undefined ? '' : ` v${version}`} ${says[type]}`;
  const where = environment === undefined ? '' : ` in ${environment}`;
  const why = fault === undefined ? '' : ` (${stage}: ${faults[fault].says})`;
  return `${what}${where}${why}`;
}
