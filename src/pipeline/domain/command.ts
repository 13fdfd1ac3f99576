import type { Actor } from './actor.ts';
import type { DeploymentStage, DeploymentState } from './deployment.ts';
import type { Image } from './image.ts';
import type { WhenNewer } from './policy.ts';
import type { ReleaseStage } from './release.ts';
import type { Submission } from './submission.ts';
import type { At, Digest } from './time.ts';
import type { Verified } from './verified.ts';

/** A commit as the repository tells it, before its words go to the side table. */
export interface FoundCommit {
  sha: string;
  ref: string;
  subject: string;
  author: string;
  email: string;
  /** True when the ref is a tag. */
  isTag?: boolean;
}

/** What is asked of a service, in the imperative. */
type ServiceCommand =
  | {
      do: 'request release';
      service: string;
      commit: FoundCommit;
      by: Actor;
      /** The e-mail address of who pushed it, as the source tells it. */
      pushedBy?: string;
      onlyNew?: boolean;
      hotfix?: string;
      /** Of commits of releases that are open: whether they lie behind this one. */
      behind?: Readonly<Record<string, boolean>>;
      /** What an outside CI has built of it. */
      submitted?: Submission;
    }
  | { do: 'deploy'; service: string; version: number; environment: string; by: Actor }
  | {
      do: 'roll back';
      service: string;
      version?: number;
      environment: string;
      by: Actor;
      reason?: string;
      /** Though the database has been changed since, so that this version is said not to work with it. */
      anyway?: true;
    }
  | { do: 'approve'; service: string; deployment: string; image: Digest; settings: Digest; by: Actor }
  | { do: 'reject'; service: string; deployment: string; reason: string; by: Actor }
  | { do: 'cancel release'; service: string; version: number; by: Actor }
  | { do: 'cancel deployment'; service: string; deployment: string; by: Actor }
  | { do: 'retire'; service: string; deployment: string; by: Actor }
  | { do: 'keep'; service: string; version: number; pinned: boolean; by: Actor }
  | { do: 'read output'; service: string; environment: string; by: Actor }
  | { do: 'read traces'; service: string; version: number; by: Actor }
  | { do: 'allow repairs'; service: string; environment: string; by: Actor }
  | { do: 'allow reaper'; service: string; by: Actor }
  | { do: 'retry release'; service: string; version: number; stage: ReleaseStage; by: Actor }
  | { do: 'retry deployment'; service: string; deployment: string; stage: DeploymentStage; by: Actor }
  | { do: 'override'; service: string; version: number; environment: string; reason: string; by: Actor }
  | { do: 'give way'; service: string; deployment: string; choice: Exclude<WhenNewer, 'ask'>; by: Actor }
  | { do: 'lock'; service: string; environment?: string; reason: string; until?: At; by: Actor }
  | { do: 'unlock'; service: string; environment?: string; by: Actor }
  | { do: 'steal lock'; service: string; environment?: string; reason: string; by: Actor }
  | {
      do: 'revoke';
      service: string;
      version: number;
      reason: string;
      /** Images that were baked from it, of any service, as far as the ledger knows. */
      descendants?: Pick<Image, 'id' | 'digest'>[];
      by: Actor;
    }
  | { do: 'stop'; service: string; reason: string; by: Actor }
  | { do: 'freeze'; service: string; reason: string; until: At; by: Actor }
  | { do: 'unfreeze'; service: string; by: Actor };

/** One service of a group, as a commit concerns it. */
export interface GroupWish {
  service: string;
  /** A release that has the same in it already, and goes along. */
  carry?: number;
  /** What an outside CI has built of it. */
  submitted?: Submission;
  /** As for a release of the service alone. */
  behind?: Readonly<Record<string, boolean>>;
}

/** What is asked of a group: `service` is its name, `version` a release of the group. */
export type GroupCommand =
  | {
      do: 'request group';
      service: string;
      commit: FoundCommit;
      /** Those that the commit concerns. */
      wishes: GroupWish[];
      by: Actor;
      pushedBy?: string;
      onlyNew?: boolean;
      hotfix?: string;
    }
  | {
      do: 'approve group';
      service: string;
      version: number;
      environment: string;
      /** The images and the settings that the card showed. */
      what: string;
      by: Actor;
      /** By service: what was found out about its commit. */
      found?: Readonly<Record<string, Verified>>;
    }
  | { do: 'reject group'; service: string; version: number; environment: string; reason: string; by: Actor }
  | { do: 'cancel group'; service: string; version: number; by: Actor }
  | { do: 'deploy group'; service: string; version: number; environment: string; by: Actor }
  | {
      do: 'roll back group';
      service: string;
      environment: string;
      version?: number;
      reason?: string;
      by: Actor;
    };

/** What is asked of the whole installation: `service` is `all`. */
export type InstallationCommand =
  | { do: 'claim'; service: 'all'; code: string; by: Actor }
  | { do: 'freeze all'; service: 'all'; reason: string; until: At; by: Actor }
  | { do: 'unfreeze all'; service: 'all'; by: Actor };

/** What is asked, with what was found out about the request where it was verified. */
export type PipelineCommand = (ServiceCommand | GroupCommand | InstallationCommand) & { verified?: Verified };

/** An expected no: a value, not an exception. `sentence` is for the person and says what to do next. */
export interface Refusal {
  refused: RefusalCode;
  sentence: string;
}

/** Every kind of no. */
export const refusalCodes = [
  'not allowed',
  'unknown service',
  'unknown version',
  'unknown environment',
  'unknown deployment',
  'already there',
  'already decided',
  'not in good standing',
  'never went live',
  'stale',
  'too late',
  'too early',
  'locked',
  'frozen',
  'revoked',
  'too many',
  'nothing to do',
  'bad input',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** What a command made: ids to link to, and a sentence for the one who asked. */
export interface Accepted {
  accepted: true;
  sentence: string;
  version?: number;
  deployment?: string;
  state?: DeploymentState;
}

export type Answer = Accepted | Refusal;

export const refuse = (refused: RefusalCode, sentence: string): Refusal => ({ refused, sentence });
export const isRefusal = (answer: object): answer is Refusal => 'refused' in answer;
