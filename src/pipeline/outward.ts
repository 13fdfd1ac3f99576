import type { Deployment } from './domain/deployment.ts';
import type { Receiver } from './domain/notification.ts';
import type { Outward } from './domain/outward.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { Release } from './domain/release.ts';
import type { At, Millis } from './domain/time.ts';
import type { Posted } from './domain/workspace.ts';

/** One thing to be told outside, as the ledger holds it. */
export interface Telling {
  key: string;
  content: Outward;
  /** Grows with each change of what is told. */
  revision: number;
  /** When it changed last. */
  since: At;
  /** What the other side called it: so that it is changed and not made again. */
  known?: string;
  tries: number;
}

/** All that a telling is drawn from: rows as they are now. */
export interface ReleaseView {
  policy: ServicePolicy;
  release: Release;
  deployment?: Deployment;
  /** Whether the deployment is what is live in its environment. */
  isLive: boolean;
  /** What was live there before it. */
  before?: Release;
  /** Where its card stands in Slack, once it is posted. */
  card?: Posted;
}

/** Who is notified, as the operators' files stand now. `card`: null when there is none to be linked to. */
export interface ReceiverView {
  receiver: Receiver;
  card?: Posted | null;
}

export type TellingView = ReleaseView | ReceiverView;

/** What is to be told outside of Slack, in the ledger, written in the same transaction as its reason. */
export interface OutwardDesk {
  /** Those whose newest state was not told yet and whose time has come. */
  due(limit: number): Promise<Telling[]>;
  /** Undefined when what it is about does not exist, or its service is not configured any more. */
  view(content: Outward): Promise<TellingView | undefined>;
  /** The other side has made it under this name; a later answer may be lost. */
  knows(key: string, known: string): Promise<void>;
  /** The other side has this revision. */
  told(key: string, revision: number): Promise<void>;
  /** Tried again after `wait`; `tries` is how often it was not taken so far. */
  postponed(key: string, wait: Millis, tries: number): Promise<void>;
  /** It will not be told; kept with its reason, until it changes again. */
  givenUp(key: string, why: string): Promise<void>;
}
