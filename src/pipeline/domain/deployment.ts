import type { Actor } from './actor.ts';
import type { Grant } from './grant.ts';
import type { Image } from './image.ts';
import type { Instance } from './instance.ts';
import type { Probes } from './measurement.ts';
import type { EnvironmentPolicy, People } from './policy.ts';
import type { StageFailure } from './release.ts';
import type { HealthCheck, Migration, Writable } from './service-file.ts';
import { type DeploymentStage, deploymentStages } from './stage-names.ts';
import type { StageRecord } from './stage-record.ts';
import type { At, Digest, Millis, TextRef } from './time.ts';

export { type DeploymentStage, deploymentStages };

type UsualStage = Exclude<DeploymentStage, 'migrate'>;

const withoutMigration = deploymentStages.filter((stage): stage is UsualStage => stage !== 'migrate');

/** The stages that a deployment goes through: `migrate` only where its release has a migration. */
export const stagesOf = ({ migrate }: Pick<Deployment, 'migrate'>): readonly DeploymentStage[] =>
  migrate === undefined ? withoutMigration : deploymentStages;

/**
 * running, stopping, undoing: as for a release. The rest are end states.
 * overtaken: a newer deployment or a rollback took the slot. went back: it failed after traffic had moved.
 */
export type DeploymentState =
  | 'running'
  | 'stopping'
  | 'undoing'
  | 'finished'
  | 'failed'
  | 'went back'
  | 'cancelled'
  | 'rejected'
  | 'expired'
  | 'overtaken';

export type DeploymentEnding = Exclude<DeploymentState, 'running' | 'stopping' | 'undoing' | 'finished'>;

/** A person's yes to one digest with one set of settings. */
export interface Approval {
  by: Actor;
  at: At;
  image: Digest;
  settings: Digest;
  /** The test run that it is bound to: of which generation of the release, and how it ended. */
  tests?: { generation: number; passed: number; failed: number };
  /** The role that allowed it, and the user groups that the person was found in. */
  through?: Grant;
  groups?: string[];
  /** How many people it takes, as was known at this click. */
  needed?: number;
  /** Whether this person is one of those of whom one is needed. */
  required?: boolean;
  /** Of whom one is needed, where the files say otherwise at this click than at the request. */
  oneOf?: People;
  /** He asked for it, wrote it or pushed it: it counts as long as the service takes one's own word. */
  own?: true;
  /** Nobody in Slack was found to be the author: two are needed where one's own word does not count. */
  authorUnknown?: true;
  /** An operator's reason to say yes where people have to. */
  breakGlass?: TextRef;
}

/** Somebody with that role put the rules aside, with a reason. Louder than an approval, and listed. */
export interface Override {
  by: Actor;
  at: At;
  reason: TextRef;
  /** What stood against it at that moment. */
  lifts: Lifted[];
  /** What was said against it and put aside, where it is more than a word. */
  warning?: TextRef;
}

export type Lifted =
  | 'approvals'
  | 'quarantine'
  | 'freeze'
  | 'lock'
  | 'branch'
  | 'checks'
  | 'rung below'
  | 'database';

/** What a deployment waits for, who can move it, and what happens at the deadline. */
export interface Wait {
  for: 'approval' | 'slot' | 'next step' | 'soak' | 'retire' | 'freeze' | 'lock' | 'turn' | 'group';
  owner: 'approvers' | 'bakery' | 'developers' | 'operators' | 'holder';
  since: At;
  until: At;
  /** When those who must act are reminded next. */
  remindAt?: At;
}

/** What is live, or still beside what is live, in a slot. */
export interface Serving {
  version: number;
  deployment: string;
  instances: Instance[];
  settings: Digest;
  since: At;
}

/** Why the old one could not be let go. `hook`: the one that said no, or nothing in time. */
export interface RetireFailed {
  failure: StageFailure;
  hook?: string;
}

export interface Deployment {
  /** `service.environment.number`. Opaque: never taken apart. */
  id: string;
  service: string;
  environment: string;
  version: number;
  kind: 'release' | 'rollback' | 'repair';
  requestedBy: Actor;
  requestedAt: At;
  reason?: TextRef;
  image: Image;
  start: string[];
  health: HealthCheck;
  grace: Millis;
  writable?: Writable[];
  /** The release's migration; a rollback and a repair have none. */
  migrate?: Migration;
  /** The operators' policy of the environment as it stood at the request, settings included. */
  plan: EnvironmentPolicy;
  /** Of a repair: the live ones that serve and go on serving; only the others are replaced. */
  keeps?: Instance[];
  /** Whether it has a card of its own, or is drawn on its release's card. */
  ownCard: boolean;
  /** The release is live there already: its settings or its count change. */
  anew?: boolean;
  /** Asked for by itself, though its release goes with a group's. */
  alone?: true;
  /** Its group has begun to roll out there. */
  together?: true;
  /** All before it in its group are live: it may go. */
  turn?: true;
  state: DeploymentState;
  endsAs?: DeploymentEnding;
  stage: DeploymentStage;
  stages: Record<UsualStage, StageRecord> & { migrate?: StageRecord };
  generation: number;
  approvals: Approval[];
  override?: Override;
  /** People who had it tried again: they asked for it too. */
  retriedBy?: Actor[];
  /** When people were asked anew: the approvals before were void, or the deadline passed. */
  askedAgainAt?: At;
  /** How often those who must act were reminded. */
  reminders?: number;
  /** The older deployment that it lets go first. */
  behind?: string;
  /** The older one that waits for approval in the same slot: people are asked what becomes of it. */
  olderWaits?: { deployment: string; version: number };
  /** Somebody chose what becomes of the older one that waits too. */
  gaveWay?: 'replace' | 'queue' | 'keep';
  rejectedBy?: Actor;
  overtakenBy?: string;
  /** The release that took its place. */
  overtakenByVersion?: number;
  cancelledBy?: Actor;
  /** The lease's epoch, from launch on. */
  epoch?: number;
  /** What was live when this one took the slot. */
  old?: Serving;
  /** True once what ran before was stopped, before anything new was started. */
  stoppedOld?: true;
  /** True once its migration may have begun to change the database. */
  migrating?: true;
  migrated?: true;
  instances: Instance[];
  /** True when the instances were running already (a warm rollback). */
  warm: boolean;
  /** True once what still ran turned out not to serve: from then on it is started from its image. */
  cold?: true;
  /** True once the balancer called all its instances healthy. */
  admitted: boolean;
  /** True once it was the live one of its slot. */
  wentLive: boolean;
  /** Percent of traffic that goes to this release, as last read back. */
  share: number;
  /** Who asked for the old one to be retired; the clock when its time had come. */
  retireRequestedBy?: Actor;
  retireRequestedAt?: At;
  /** How often retiring was refused because the new one was not healthy. */
  retireRefusals: number;
  /** What keeps the old one there, until retiring is tried again. */
  retireFailed?: RetireFailed;
  /** What is being retired, from the point of no return on. */
  retiring?: Serving;
  /** True once the old one gets no traffic any more. */
  drained: boolean;
  /** The point of no return of retire: from here on going back is cold. */
  retiringSince?: At;
  wait?: Wait;
  /** True once what was live before serves again in its place. */
  relieved?: true;
  /** Effects that are done and left nothing else behind to know them by. */
  done: string[];
  failure?: StageFailure;
  endedAt?: At;
  /** Of the cut-over, from the balancer's own counters. */
  traffic?: { requests: number; failed: number };
  /** What Bakery's own requests through the front door met, from before traffic moved until it had soaked. */
  probes?: Probes;
}

export const isDeploymentOver = (deployment: Deployment): boolean =>
  !['running', 'stopping', 'undoing'].includes(deployment.state);

/**
 * Whether traffic may have begun to move to it. What is admitted is shifted to at once: it may already be the only one that
 * serves, whatever was heard of it, and what served before may be gone.
 */
export const mayServe = ({
  share,
  wentLive,
  admitted,
}: Pick<Deployment, 'share' | 'wentLive' | 'admitted'>): boolean => share > 0 || wentLive || admitted;
