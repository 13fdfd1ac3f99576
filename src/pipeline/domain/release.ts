import type { Actor } from './actor.ts';
import type { Fault } from './fault.ts';
import type { GoesWith } from './goes-with.ts';
import type { Image, Package } from './image.ts';
import type { Instance } from './instance.ts';
import type { ServiceFile } from './service-file.ts';
import { type ReleaseStage, releaseStages } from './stage-names.ts';
import type { StageRecord } from './stage-record.ts';
import type { Submission } from './submission.ts';
import type { At, TextRef } from './time.ts';

export { type ReleaseStage, releaseStages };

/**
 * running: a stage is at work. stopping: cancelled or failed, begun attempts are still to report.
 * undoing: what it made is being removed. The rest are end states.
 */
export type ReleaseState =
  | 'running'
  | 'stopping'
  | 'undoing'
  | 'production ready'
  | 'failed'
  | 'cancelled'
  | 'superseded';

/** What a release is in a slot. */
export type Standing = 'pending' | 'live' | 'previous' | 'rolled back' | 'retired';

export interface Commit {
  /** Full hexadecimal object id. */
  sha: string;
  /** The branch or tag that was asked for. */
  ref: string;
  subject: TextRef;
  author: TextRef;
  email: TextRef;
  /** The e-mail address of who pushed it, where the source told it. */
  pushedBy?: TextRef;
  /** True when the ref is a tag. */
  isTag?: boolean;
}

export interface SuiteResult {
  name: string;
  passed: number;
  failed: number;
  /** Names of the tests that failed, first five: in words from a worker, as texts once stored. */
  failures: TextRef[];
  /** The release whose suite this is: the candidate's own, or the live one's. */
  of: number;
}

/** Why a stage failed, as stored: the words lie in the side table. */
export interface StageFailure {
  stage: string;
  fault: Fault;
  sentence: TextRef;
  lines?: TextRef;
  at: At;
}

export interface Release {
  service: string;
  version: number;
  commit: Commit;
  requestedBy: Actor;
  requestedAt: At;
  /** Who had it tried again: they asked for what came of it too. */
  retriedBy?: Actor[];
  /** Why it was released as a hotfix, which overtakes those that wait. */
  hotfix?: TextRef;
  state: ReleaseState;
  /** The end state that stopping and undoing lead to. */
  endsAs?: 'failed' | 'cancelled' | 'superseded';
  stage: ReleaseStage;
  stages: Record<ReleaseStage, StageRecord>;
  /** Raised only by the core, after the undo of the last one is recorded (Retry from here). */
  generation: number;
  /** The release of a group that it belongs to. */
  goesWith?: GoesWith;
  /** What an outside CI has built of the commit. */
  submitted?: Submission;
  /** The tests that it ran. */
  tests?: SuiteResult;
  package?: Package;
  file?: ServiceFile;
  image?: Image;
  /** Somebody has pinned its image. */
  kept?: { by: Actor; at: At };
  /** When its image was let go: it can be deployed no more. */
  imageRemovedAt?: At;
  /** True once the database of the verify environment is as the candidate needs it. */
  candidateMigrated?: true;
  candidate?: Instance;
  suites: SuiteResult[];
  /** Effects that are done and left nothing else behind to know them by. */
  done: string[];
  failure?: StageFailure;
  supersededBy?: number;
  cancelledBy?: Actor;
  /** Why it was cancelled, where it had to be said. */
  cancelReason?: TextRef;
  endedAt?: At;
  /** By environment. */
  standings: Record<string, { standing: Standing; since: At }>;
  /** By environment: a rollback quarantines the release that it left, there and above. */
  quarantined: Record<string, { since: At; deployment: string; by?: Actor; reason?: TextRef }>;
  /** When it first went live in production: from then on its card is closed. */
  closedAt?: At;
  /** Logs in the store, by stage: the id under which `log` finds them. */
  logs: Partial<Record<ReleaseStage, string>>;
}

export const isOver = (release: Release): boolean =>
  release.state !== 'running' && release.state !== 'stopping' && release.state !== 'undoing';
