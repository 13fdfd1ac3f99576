import type { Event } from '../domain/event.ts';
import type { Notification, NotificationKind } from '../domain/notification.ts';
import type { At } from '../domain/time.ts';

const ofEvents: Partial<Record<Event['type'], NotificationKind>> = {
  ReleaseRequested: 'release.requested',
  ReleasePromoted: 'release.ready',
  ReleaseOvertaken: 'release.superseded',
  ReleaseStageFailed: 'release.failed',
  ReleaseLeftOver: 'leftover.found',
  DeploymentRequested: 'deployment.requested',
  DeploymentWaits: 'deployment.waiting',
  DeploymentApproved: 'deployment.approved',
  DeploymentRejected: 'deployment.rejected',
  DeploymentExpired: 'deployment.expired',
  DeploymentOverridden: 'deployment.overridden',
  DeploymentStageFailed: 'deployment.failed',
  DeploymentLeftOver: 'leftover.found',
  WentLive: 'deployment.live',
  DeploymentFinished: 'deployment.finished',
  TrafficReturned: 'traffic.returned',
  InstancesLost: 'instances.lost',
  RepairsStopped: 'repairs.stopped',
  StandbyLost: 'standby.lost',
  ReaperStopped: 'reaper.stopped',
};

/** What an event is to a receiver; undefined when it is nothing. `production`: of the environment that it happened in. */
export function notificationOf(
  event: Event,
  { seq, at, production }: { seq: number; at: At; production?: boolean | undefined },
): Notification | undefined {
  const type = ofEvents[event.type];
  // Of what it waits for only people's yes is worth a word.
  if (type === undefined || (event.type === 'DeploymentWaits' && event.wait.for !== 'approval'))
    return undefined;
  return {
    seq,
    type,
    at,
    service: event.service,
    ...('version' in event ? { version: event.version } : {}),
    ...('environment' in event ? { environment: event.environment } : {}),
    ...('deployment' in event ? { deployment: event.deployment } : {}),
    ...(production === undefined ? {} : { production }),
    ...('failure' in event ? { stage: event.failure.stage, fault: event.failure.fault } : {}),
  };
}
