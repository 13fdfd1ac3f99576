import type { Fault } from './fault.ts';
import type { At } from './time.ts';

/** What a receiver outside can be told of, and whether somebody is needed: that is never held back. */
const kinds = {
  'release.requested': 'can wait',
  'release.ready': 'can wait',
  'release.superseded': 'can wait',
  'release.failed': 'needs somebody',
  'deployment.requested': 'can wait',
  'deployment.waiting': 'can wait',
  'deployment.approved': 'can wait',
  'deployment.rejected': 'can wait',
  'deployment.expired': 'can wait',
  'deployment.overridden': 'can wait',
  'deployment.live': 'can wait',
  'deployment.finished': 'can wait',
  'deployment.failed': 'needs somebody',
  'traffic.returned': 'needs somebody',
  'instances.lost': 'can wait',
  'repairs.stopped': 'needs somebody',
  'standby.lost': 'needs somebody',
  'leftover.found': 'needs somebody',
  'reaper.stopped': 'needs somebody',
} as const;

export type NotificationKind = keyof typeof kinds;
export const notificationKinds = Object.keys(kinds) as NotificationKind[];
export const needsSomebody = (kind: NotificationKind): boolean => kinds[kind] === 'needs somebody';

/** One thing that happened, for a receiver outside: ids and codes, never names, reasons or output. */
export interface Notification {
  /** The event's number in the ledger: the same again is the same notification. */
  seq: number;
  type: NotificationKind;
  at: At;
  service: string;
  version?: number;
  environment?: string;
  deployment?: string;
  production?: boolean;
  stage?: string;
  fault?: Fault;
}

/** Who is told outside, from the operators' files. `key`: a reference to the secret that the receiver asks for. */
export interface Receiver {
  name: string;
  template: 'webhook' | 'pagerduty' | 'datadog' | 'grafana';
  url: string;
  key: string;
  /** Left out: all. */
  about?: NotificationKind[];
  services?: string[];
  environments?: string[];
  /** When what can wait is held until it is over. */
  quiet?: { during: string; zone: string };
}

/** Whether a receiver wants to hear of it. */
export const wants = (
  { about, services, environments }: Receiver,
  { type, service, environment }: Notification,
): boolean =>
  (about === undefined || about.includes(type)) &&
  (services === undefined || services.includes(service)) &&
  (environments === undefined || environment === undefined || environments.includes(environment));
