import type { Actor } from './actor.ts';
import type {
  Approval,
  Deployment,
  DeploymentEnding,
  DeploymentStage,
  Override,
  RetireFailed,
  Serving,
  Wait,
} from './deployment.ts';
import type { GoesWith } from './goes-with.ts';
import { type GroupEvent, groupStream, isOfGroup } from './group-event.ts';
import type { Image, Package } from './image.ts';
import type { Freeze, Revocation } from './installation.ts';
import type { Instance } from './instance.ts';
import type { Lock } from './lock.ts';
import type { Removed } from './marked.ts';
import type { Phase, Sample } from './measurement.ts';
import type { EnvironmentPolicy } from './policy.ts';
import type { ReaperStop } from './reaper.ts';
import type { Commit, ReleaseStage, StageFailure, SuiteResult } from './release.ts';
import type { ServiceFile } from './service-file.ts';
import type { Rescue } from './slot.ts';
import type { Submission } from './submission.ts';
import type { At, Digest, TextRef } from './time.ts';
import type { TrailEntry } from './trail.ts';

/** What is known of a deployment when it is asked for; the rest follows from its events. */
export type DeploymentOrder = Pick<
  Deployment,
  | 'kind'
  | 'requestedBy'
  | 'reason'
  | 'image'
  | 'start'
  | 'health'
  | 'grace'
  | 'writable'
  | 'migrate'
  | 'plan'
  | 'keeps'
  | 'ownCard'
  | 'anew'
  | 'behind'
  | 'olderWaits'
  | 'alone'
>;

type OfRelease<Type extends string, More = unknown> = { type: Type; service: string; version: number } & More;
type OfDeployment<Type extends string, More = unknown> = {
  type: Type;
  service: string;
  environment: string;
  version: number;
  deployment: string;
} & More;
type OfService<Type extends string, More = unknown> = { type: Type; service: string } & More;
type OfSlot<Type extends string, More = unknown> = {
  type: Type;
  service: string;
  environment: string;
} & More;

/** What happened to a release: the service's stream. */
export type ReleaseEvent =
  | OfRelease<
      'ReleaseRequested',
      { commit: Commit; by: Actor; hotfix?: TextRef; generation?: number; submitted?: Submission }
    >
  | OfRelease<'ReleaseStageBegan', { stage: ReleaseStage; generation: number }>
  /** `tests`: those that an outside CI ran. */
  | OfRelease<'PackageBuilt', { package: Package; file: ServiceFile; tests?: SuiteResult }>
  | OfRelease<'ImageBaked', { image: Image }>
  /** The database of the verify environment is as the candidate needs it. */
  /** The image may be used where its provider's settings say; these are its copies elsewhere. */
  | OfRelease<'ImagePublished', { copies: string[] }>
  | OfRelease<'CandidateMigrated'>
  | OfRelease<'CandidateLaunched', { instance: Instance }>
  | OfRelease<'SuitesRun', { suites: SuiteResult[] }>
  | OfRelease<'ReleaseStagePassed', { stage: ReleaseStage; skipped: boolean }>
  | OfRelease<'ReleaseStageFailed', { failure: StageFailure }>
  | OfRelease<'ReleaseCancelRequested', { by: Actor; reason?: TextRef }>
  | OfRelease<'ReleaseOvertaken', { newer: number }>
  | OfRelease<'ReleaseUndoBegan'>
  | OfRelease<'ReleaseStepDone', { effect: string }>
  /** It goes on without it. */
  | OfRelease<'ReleaseHookFailed', { failure: StageFailure; effect: string; hook: string }>
  | OfRelease<'ReleaseLeftOver', { failure: StageFailure; effect: string }>
  | OfRelease<'ReleaseEnded', { as: 'failed' | 'cancelled' | 'superseded' }>
  | OfRelease<'ReleaseRetried', { by: Actor; stage: ReleaseStage; generation: number }>
  | OfRelease<'ReleasePromoted'>
  /** From here on it goes with the others of a group where the group says so. */
  | OfRelease<'ReleaseJoinedGroup', { goesWith: GoesWith; by?: Actor }>
  /** Nothing comes of the group's release any more. */
  | OfRelease<'ReleaseGroupEnded'>
  | OfRelease<'ImageKept', { by: Actor }>
  | OfRelease<'ImageNotKept', { by: Actor }>
  /** From here on nothing is started from it any more. */
  | OfRelease<'ImageRemoved'>;

/**
 * What happened in a slot: its own stream. `version` is the release that it happened to: of LeftBehind,
 * OldRetired and ReleaseQuarantined that is the one that was left, of TrafficReturned the one that has it again.
 */
export type SlotEvent =
  | OfDeployment<'DeploymentRequested', { number: number; order: DeploymentOrder; generation?: number }>
  | OfDeployment<'DeploymentStageBegan', { stage: DeploymentStage; generation: number }>
  | OfDeployment<'DeploymentStagePassed', { stage: DeploymentStage; skipped: boolean }>
  | OfDeployment<'DeploymentStageFailed', { failure: StageFailure; as: DeploymentEnding }>
  | OfDeployment<'DeploymentWaits', { wait: Wait }>
  | OfDeployment<'DeploymentApproved', { approval: Approval }>
  | OfDeployment<'DeploymentRejected', { by: Actor; reason: TextRef }>
  | OfDeployment<'DeploymentCancelRequested', { by: Actor; reason?: TextRef }>
  | OfDeployment<'DeploymentExpired'>
  /** It goes on without it. */
  | OfDeployment<'DeploymentHookFailed', { failure: StageFailure; effect: string; hook: string }>
  | OfDeployment<'DeploymentLeftOver', { failure: StageFailure; effect: string }>
  | OfDeployment<'DeploymentOvertaken', { by: string; byVersion?: number; as: DeploymentEnding }>
  | OfDeployment<'LeaseTaken', { epoch: number; old?: Serving }>
  | OfDeployment<'LeaseReleased', { epoch: number }>
  /** From here on the database may be changed. `rollbackTo`: nothing older works with it any more. */
  | OfDeployment<'MigrationBegan', { rollbackTo?: number }>
  | OfDeployment<'MigrationDone'>
  /** `overlap: false`: what ran before is gone, before anything new is started. `old`: the version that it was of. */
  | OfDeployment<'OldStopped', { old: number }>
  | OfDeployment<'InstancesLaunched', { instances: Instance[]; warm: boolean }>
  /** What still ran does not serve any more: it is started again from its image. */
  | OfDeployment<'TurnedCold', { generation: number }>
  | OfDeployment<'InstancesAdmitted'>
  | OfDeployment<'TrafficShifted', { share: number }>
  | OfDeployment<
      'WentLive',
      { serving: Serving; left?: Serving; production: boolean; kind: Deployment['kind'] }
    >
  | OfDeployment<'LeftBehind', { rolledBack: boolean }>
  | OfDeployment<'TrafficMeasured', { requests: number; failed: number }>
  | OfDeployment<'ProbesAnswered', { phase: Phase; sample: Sample }>
  | OfDeployment<'RetireRequested', { by: Actor; at?: At }>
  | OfDeployment<'OldDrained'>
  /** The old one stays for now. `failed` left out: the new one was not healthy. */
  | OfDeployment<'RetireRefused', { failed?: RetireFailed }>
  | OfDeployment<'RetireCommitted', { old: Serving }>
  | OfDeployment<'OldRetired'>
  | OfDeployment<'DeploymentUndoBegan'>
  | OfDeployment<'DeploymentStepDone', { effect: string; returnedTo?: Serving; relieved?: true }>
  | OfDeployment<'TrafficReturned'>
  | OfDeployment<'DeploymentEnded', { as: DeploymentEnding }>
  | OfDeployment<
      'DeploymentRetried',
      {
        by: Actor;
        stage: DeploymentStage;
        generation: number;
        plan: EnvironmentPolicy;
        keepApprovals: boolean;
      }
    >
  | OfDeployment<'DeploymentFinished'>
  /** What its instances wrote last, as somebody asked; or why it could not be read. */
  | OfDeployment<'OutputRead', { lines: TextRef }>
  | OfDeployment<'OutputNotRead', { failure: StageFailure }>
  /** `by`: who rolled it back; the clock where it went back by itself. */
  | OfDeployment<'ReleaseQuarantined', { environments: string[]; by?: Actor; reason?: TextRef }>
  /** `count`: which repair within the hour this is. */
  | OfSlot<'InstancesLost', { version: number; lost: string[]; count?: number }>
  | OfSlot<'RepairsStopped', { version: number; lost: string[]; count: number }>
  | OfSlot<'RepairsAllowed', { by: Actor }>
  /** What would be gone back to cannot be: its image is gone or changed, or it did not start when it was rehearsed. */
  | OfSlot<'StandbyLost', { version: number; because: TextRef }>
  /** The script that brings `version` back without Bakery, in place of what `live` serves. */
  | OfSlot<'RescueWritten', { version: number; rescue: Rescue }>
  /** The script would start what may not be started any more. */
  | OfSlot<'RescueForgotten', { version: number }>
  | OfSlot<'RescueFound', { version: number; instances: Instance[] }>
  /** The ledger is an older one: leases and deployments are numbered from here on. */
  | OfSlot<'SlotRestored', { epoch: number; deployments: number }>
  /** After a restore: what has traffic; `thought` is the version that the ledger held as live. */
  | OfSlot<
      'ServingFound',
      { version: number; epoch: number; live: Serving; beside?: Serving; thought?: number }
    >
  | OfDeployment<'ApprovalsVoided', { because: 'freeze' | 'too old' | 'other tests' }>
  /** The files ask for more, or for others, than had agreed before anything was started: what was given still counts. */
  | OfDeployment<'MoreApprovalsAsked'>
  | OfDeployment<'DeploymentAskedAgain'>
  /** Its group has begun to roll out there: nothing newer takes its place before its turn. */
  | OfDeployment<'DeploymentGoesTogether'>
  /** All before it in its group are live. */
  | OfDeployment<'DeploymentTurnCame'>
  | OfDeployment<'DeploymentReminded', { next?: At }>
  | OfDeployment<'DeploymentOverridden', { override: Override }>
  | OfDeployment<'DeploymentGaveWay', { choice: 'replace' | 'queue' | 'keep'; to: string; by: Actor }>
  | OfDeployment<'QuarantineLifted', { by: Actor }>
  | OfSlot<'SlotLocked', { lock: Lock; from?: Actor }>
  | OfSlot<'SlotUnlocked', { by: Actor; was: Actor }>
  | OfSlot<'LockNagged', { lock: Lock; next: At }>;

/** What upkeep found and did for a service as a whole: in the service's stream. */
export type UpkeepEvent =
  | OfService<'LeftoversRemoved', { provider: string; removed: Removed[] }>
  | OfService<'ReaperStopped', { because: ReaperStop; found: string[] }>
  | OfService<'ReaperAllowed', { by: Actor }>
  | OfService<'LedgerRestored', { epoch: number }>
  /** `taken`: environments in which something else served than the ledger thought. `left`: what belongs to nothing. */
  | OfService<'LedgerReconciled', { highest: number; taken: string[]; left: string[] }>;

/** What happened to the whole installation: a stream of its own. */
export type InstallationEvent =
  | { type: 'InstallationClaimed'; service: 'all'; by: Actor }
  | { type: 'FreezeOrdered'; service: string; freeze: Freeze }
  | { type: 'FreezeLifted'; service: string; by: Actor }
  | { type: 'ImageRevoked'; service: string; revocation: Revocation }
  /** The operators' files are in force as they stand. `restart`: parts that are not, before the next start. */
  | {
      type: 'FilesTaken';
      service: 'all';
      by: Actor;
      digest: Digest;
      /** Digests of those that changed, by name; of all of them at a start. */
      changed: Record<string, Digest>;
      gone: string[];
      restart: string[];
      atStart?: true;
    }
  /** They are wrong: what was in force before goes on. */
  | { type: 'FilesRefused'; service: 'all'; by: Actor; digest: Digest; count: number; problems: TextRef };

/** The audit trail: changes nothing, and lies in the same chain. */
export type TrailEvent =
  | { type: 'CommandDecided'; service: string; entry: TrailEntry }
  | { type: 'TextErased'; service: 'all'; ref: TextRef; by: Actor };

/** What cards and rows are folded from. */
export type CardEvent = ReleaseEvent | SlotEvent | UpkeepEvent;
export type Event = CardEvent | InstallationEvent | GroupEvent | TrailEvent;

const ofInstallation = new Set<Event['type']>([
  'InstallationClaimed',
  'FreezeOrdered',
  'FreezeLifted',
  'ImageRevoked',
  'FilesTaken',
  'FilesRefused',
]);
export const isOfInstallation = (event: Event): event is InstallationEvent => ofInstallation.has(event.type);
export const isTrail = (event: Event): event is TrailEvent =>
  event.type === 'CommandDecided' || event.type === 'TextErased';

/** An event with when and by whose doing, as `evolve` sees it. */
export interface Happened<E extends Event = Event> {
  event: E;
  at: At;
}

/** Which stream an event belongs to. */
export function streamOf(event: Event): string {
  if (isTrail(event)) return `trail/${event.service}`;
  if (isOfInstallation(event)) return installationStream;
  if (isOfGroup(event)) return groupStream(event.service);
  return 'environment' in event ? slotStream(event.service, event.environment) : serviceStream(event.service);
}

export const serviceStream = (service: string): string => `service/${service}`;
export const slotStream = (service: string, environment: string): string => `slot/${service}/${environment}`;

export const installationStream = 'installation';
