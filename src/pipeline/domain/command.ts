import type { Actor } from './actor.ts';
import type { DeploymentStage, DeploymentState } from './deployment.ts';
import type { ReleaseStage } from './release.ts';
import type { Digest } from './time.ts';

/** A commit as the repository tells it, before its words go to the side table. */
export interface FoundCommit {
  sha: string;
  ref: string;
  subject: string;
  author: string;
  email: string;
}

/** What is asked, in the imperative. `by` was verified before. */
export type PipelineCommand =
  | {
      do: 'request release';
      service: string;
      commit: FoundCommit;
      by: Actor;
      onlyNew?: boolean;
      hotfix?: string;
    }
  | { do: 'deploy'; service: string; version: number; environment: string; by: Actor }
  | { do: 'roll back'; service: string; version?: number; environment: string; by: Actor; reason?: string }
  | { do: 'approve'; service: string; deployment: string; image: Digest; settings: Digest; by: Actor }
  | { do: 'reject'; service: string; deployment: string; reason: string; by: Actor }
  | { do: 'cancel release'; service: string; version: number; by: Actor }
  | { do: 'cancel deployment'; service: string; deployment: string; by: Actor }
  | { do: 'retire'; service: string; deployment: string; by: Actor }
  | { do: 'allow repairs'; service: string; environment: string; by: Actor }
  | { do: 'allow reaper'; service: string; by: Actor }
  | { do: 'retry release'; service: string; version: number; stage: ReleaseStage; by: Actor }
  | { do: 'retry deployment'; service: string; deployment: string; stage: DeploymentStage; by: Actor };

/** An expected no: a value, not an exception. `sentence` is for the person and says what to do next. */
export interface Refusal {
  refused: RefusalCode;
  sentence: string;
}

export type RefusalCode =
  | 'not allowed'
  | 'unknown service'
  | 'unknown version'
  | 'unknown environment'
  | 'unknown deployment'
  | 'already there'
  | 'already decided'
  | 'not in good standing'
  | 'never went live'
  | 'stale'
  | 'too late'
  | 'too early'
  | 'nothing to do'
  | 'bad input';

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
