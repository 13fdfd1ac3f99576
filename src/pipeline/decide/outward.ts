import type { Deployment } from '../domain/deployment.ts';
import type { Event, ReleaseEvent } from '../domain/event.ts';
import { isOfGroup } from '../domain/group-event.ts';
import { wants } from '../domain/notification.ts';
import type { Outward, OutwardWishes } from '../domain/outward.ts';
import type { Release } from '../domain/release.ts';
import type { Slot } from '../domain/slot.ts';
import type { At } from '../domain/time.ts';
import { notificationOf } from './notification.ts';

interface Rows {
  release(service: string, version: number): Release | undefined;
  deployment(id: string): Deployment | undefined;
  slot(service: string, environment: string): Slot | undefined;
}

/** What an event changes of what is told outside, by the rows as they are after it. */
export function outwardOf(
  event: Event,
  rows: Rows,
  { feedback, notify = [] }: OutwardWishes,
  stamp: { seq: number; at: At },
): Outward[] {
  // Each of its services tells of itself.
  if (isOfGroup(event)) return [];
  const toForge =
    feedback === undefined
      ? []
      : [
          ...stagesOf(event, rows),
          ...deploymentsOf(event, rows),
          ...(feedback.comments ? liveOf(event) : []),
        ];
  return [...toForge, ...notificationsOf(event, rows, notify, stamp)];
}

function notificationsOf(
  event: Event,
  rows: Rows,
  receivers: NonNullable<OutwardWishes['notify']>,
  stamp: { seq: number; at: At },
): Outward[] {
  if (receivers.length === 0) return [];
  const production = 'deployment' in event ? rows.deployment(event.deployment)?.plan.production : undefined;
  const notification = notificationOf(event, { ...stamp, production });
  if (notification === undefined) return [];
  return receivers
    .filter((receiver) => wants(receiver, notification))
    .map(({ name }) => ({ kind: 'notification', service: event.service, receiver: name, notification }));
}

const ofStages = new Set<Event['type']>([
  'ReleaseRequested',
  'ReleaseStageBegan',
  'ReleaseStagePassed',
  'ReleaseStageFailed',
  'ReleaseCancelRequested',
  'ReleaseOvertaken',
] satisfies ReleaseEvent['type'][]);

function stagesOf(event: Event, rows: Rows): Outward[] {
  if (!ofStages.has(event.type) || !('version' in event)) return [];
  const { service, version } = event;
  const stage = 'stage' in event ? undefined : rows.release(service, version)?.stage;
  if (event.type === 'ReleaseStageBegan' || event.type === 'ReleaseStagePassed')
    return [{ kind: 'stage', service, version, stage: event.stage }];
  return stage === undefined ? [] : [{ kind: 'stage', service, version, stage }];
}

const ofDeployments = new Set<Event['type']>([
  'DeploymentRequested',
  'DeploymentStageBegan',
  'DeploymentStagePassed',
  'DeploymentStageFailed',
  'DeploymentRejected',
  'DeploymentCancelRequested',
  'DeploymentExpired',
  'DeploymentOvertaken',
  'DeploymentRetried',
  'WentLive',
  'DeploymentFinished',
  'DeploymentEnded',
]);

/** The deployment that it happened to, and the one that stops or goes on being live because of it. */
function deploymentsOf(event: Event, rows: Rows): Outward[] {
  if (!('environment' in event)) return [];
  const { service, environment } = event;
  const own = 'deployment' in event && ofDeployments.has(event.type) ? event.deployment : undefined;
  const old =
    own === undefined || event.type !== 'WentLive' ? undefined : rows.deployment(own)?.old?.deployment;
  const returned =
    event.type === 'TrafficReturned' ? rows.slot(service, environment)?.live?.deployment : undefined;
  return [own, old, returned].flatMap((id): Outward[] => {
    const deployment = id === undefined ? undefined : rows.deployment(id);
    // Putting back what was lost deploys nothing.
    return deployment === undefined || deployment.kind === 'repair'
      ? []
      : [{ kind: 'deployment', service, deployment: deployment.id }];
  });
}

const liveOf = (event: Event): Outward[] =>
  event.type === 'WentLive' && event.production && event.kind === 'release'
    ? [{ kind: 'live', service: event.service, deployment: event.deployment }]
    : [];
