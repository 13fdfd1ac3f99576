import type { Notification, Receiver } from './notification.ts';
import type { ReleaseStage } from './release.ts';

/** Where a service's stages and deployments are told at its forge. */
export interface Feedback {
  forge: 'github' | 'gitlab';
  /** The API's address, without a path below it: `https://api.github.com`, `https://gitlab.example.com`. */
  api: string;
  /** `owner/name` or `group/project`. */
  project: string;
  /** A reference to the token that may write them. */
  token: string;
  /** Whether merge requests are told when their commit is live. */
  comments: boolean;
}

/** Something that is told outside of Slack: a state of a row that is kept told, or an event, once. */
export type Outward = { service: string } & (
  | { kind: 'stage'; version: number; stage: ReleaseStage }
  | { kind: 'deployment'; deployment: string }
  | { kind: 'live'; deployment: string }
  | { kind: 'notification'; receiver: string; notification: Notification }
);

/** What a service wants to be told outside. */
export interface OutwardWishes {
  feedback?: Pick<Feedback, 'comments'>;
  notify?: Receiver[];
}

/** The outbox's key: what is told under the same key is one thing, whose newest state counts. */
export function outwardKey(outward: Outward): string {
  switch (outward.kind) {
    case 'stage':
      return `forge.stage.${outward.service}.v${outward.version}.${outward.stage}`;
    case 'deployment':
      return `forge.deployment.${outward.deployment}`;
    case 'live':
      return `forge.live.${outward.deployment}`;
    case 'notification':
      return `notify.${outward.receiver}.${outward.notification.seq}`;
  }
}
