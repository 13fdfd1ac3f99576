import type { Check, RequiredChecks } from './domain/checks.ts';
import type { FoundCommit } from './domain/command.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { CommitLine, Warning } from './views.ts';

/** How the ledger's queries ask a repository what lies between two commits. */
export interface CommitLog {
  /** The newest `most` of those that touch the folder. Throws ProviderError when the repository cannot tell. */
  between(order: {
    repository: string;
    folder: string;
    service: string;
    from: string;
    to: string;
    most: number;
  }): Promise<{ lines: CommitLine[]; total: number }>;
}

/** How the pipeline asks a forge for the checks of a commit. */
export interface Forge {
  /** Throws ProviderError when the forge cannot be asked. */
  checks(where: RequiredChecks, sha: string): Promise<Check[]>;
}

/** A warning while the required checks of a commit are not green. Never throws. */
export type WarnOfChecks = (policy: ServicePolicy, sha: string) => Promise<Warning | undefined>;

/** How the pipeline asks a repository what a ref is. */
export interface Repositories {
  /** Throws ProviderError `repository gone` or `unknown commit`. Without a ref: the service's branch. */
  find(order: {
    repository: string;
    ref: string;
    service: string;
  }): Promise<FoundCommit & { isTag: boolean }>;
  /** Whether anything below these paths differs between two commits; true when it cannot be told. */
  touches(order: {
    repository: string;
    service: string;
    from: string;
    to: string;
    paths: readonly string[];
  }): Promise<boolean>;
  /** Which of these commits lie behind `of`; what cannot be told is left out. */
  ancestors(order: {
    repository: string;
    service: string;
    of: string;
    among: readonly string[];
  }): Promise<Record<string, boolean>>;
  /** True when `sha` can be reached from the branch. */
  reachable(order: { repository: string; sha: string; branch: string; service: string }): Promise<boolean>;
}
