import type { Actor } from './domain/actor.ts';
import type { Check, RequiredChecks } from './domain/checks.ts';
import type { Answer, FoundCommit, PipelineCommand } from './domain/command.ts';
import type { Deployment, Serving } from './domain/deployment.ts';
import type { Difference, ImageDifference } from './domain/difference.ts';
import type { Event } from './domain/event.ts';
import type { Image } from './domain/image.ts';
import type { Freeze, Installation } from './domain/installation.ts';
import type { Removed } from './domain/marked.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { Release, SuiteResult } from './domain/release.ts';
import type { Retained } from './domain/retention.ts';
import type { Service } from './domain/service.ts';
import type { Slot } from './domain/slot.ts';
import type { Standby } from './domain/standby.ts';
import type { Submission } from './domain/submission.ts';
import type { At, Millis, TextRef } from './domain/time.ts';
import type { Verified } from './domain/verified.ts';

/** A task at work, for progress and for "what does it wait for". */
export interface TaskView {
  stage: string;
  kind: string;
  /** How often it failed so far. To look again at what takes its time is no failure. */
  tries: number;
  /** The last note of the running attempt, for example `npm test`. */
  note?: string;
  deadline: At;
}

/** What an environment would go back to, and how long that takes to start, when that is known. */
export type StandbyView = Standby & { startedIn?: Millis };

/** All that a release's card is drawn from: rows, nothing looked up later. */
export interface ReleaseView {
  release: Release;
  /** Those drawn on this card, in order. What waits is as the files ask for it today. */
  deployments: Deployment[];
  policy: ServicePolicy;
  slots: Record<string, SlotView>;
  tasks: TaskView[];
  /**
   * How long each stage usually takes, medians of the last ones: of a release by `stage`, of a deployment by
   * `environment/stage`.
   */
  expected: Partial<Record<string, Millis>>;
  texts: Record<TextRef, string>;
  now: At;
  /** What each environment would go back to. */
  standbys?: StandbyView[];
  /** What an approver has to know, by the id of each deployment that waits for one. */
  decisions?: Record<string, DecisionFacts>;
  /** What environments are frozen by, by name. */
  frozen?: Record<string, Freeze>;
  /** Who wrote and pushed the commit (`team/user`), where they are looked up: their own yes does not count. */
  wroteIt?: string[];
}

/** All that a deployment's own card is drawn from. */
export interface DeploymentView extends Omit<ReleaseView, 'deployments' | 'decisions'> {
  /** As the files ask for it today, as long as it waits. */
  deployment: Deployment;
  decision?: DecisionFacts;
}

export interface CommitLine {
  sha: string;
  subject: string;
  author: string;
}

/** The commits between two: the newest few, how many there are, and where a person can read them. */
export interface Commits {
  lines: CommitLine[];
  total: number;
  link?: string;
}

/** What separates two releases. What could not be read is left out. */
export interface Changes {
  from: number;
  to: number;
  commits?: Commits;
  /** Commits of the first that the second does not have: taken back by it. Left out when there are none. */
  takenBack?: Commits;
  image?: ImageDifference;
  /** Bytes of the two images. */
  size?: { from: number; to: number };
}

/** Something that an approver should stop at. */
export type Warning =
  | { is: 'rolled back before'; version: number; environment: string }
  | { is: 'first ever' }
  | { is: 'first in a while'; after: Millis }
  | { is: 'live is young'; age: Millis }
  | { is: 'same image' }
  | { is: 'no tests' }
  /** Nobody in Slack has the address of the commit's author, or Slack could not be `asked`: two have to agree. */
  | { is: 'author unknown'; asked: boolean }
  /** How the required checks stood when the card was drawn, in words; without them the forge could not be asked. */
  | { is: 'checks'; problem?: string };

/** What an approver has to know of a deployment before the button. */
export interface DecisionFacts {
  /** What is live there now, and what a rollback would go back to. */
  live?: { version: number; since: At };
  changes?: Changes;
  /** Between the settings of the live one and its own. */
  settings?: Difference;
  /** How long the last rollback there took until traffic had moved. */
  lastRollback?: Millis;
  warnings: Warning[];
}

/** A note in a card's thread: one event, told once. */
export interface NoteView {
  event: Event;
  at: At;
  release?: Release;
  deployment?: Deployment;
  policy: ServicePolicy;
  texts: Record<TextRef, string>;
  /** Who wrote and pushed the commit, where they are looked up. */
  wroteIt?: string[];
  /** For the note on a new release: what it changes against what is live on the highest rung. */
  changes?: Changes;
}

/** A slot as cards draw it. */
export interface SlotView extends Slot {
  /** Of the versions that a card would go back to: those that are not launched any more (revoked, or not kept). */
  unlaunchable?: number[];
}

export interface ServiceView {
  policy: ServicePolicy;
  service: Service;
  slots: Record<string, SlotView>;
  open: { releases: Release[]; deployments: Deployment[] };
  /** The test runs of the releases whose deployments are open, by version. */
  suites?: Record<number, SuiteResult[]>;
  /** Who asked for those releases, or to try them again, by version: their own yes does not count. */
  askedBy?: Record<number, Pick<Release, 'requestedBy' | 'retriedBy'> & Partial<Pick<Release, 'commit'>>>;
  /** What environments are frozen by, by name. */
  frozen?: Record<string, Freeze>;
  /** Who wrote and pushed their commits, by version, where they are looked up. */
  wroteIt?: Record<number, string[]>;
  /** What each environment would go back to. */
  standbys?: StandbyView[];
  texts: Record<TextRef, string>;
  now: At;
}

export interface HistoryView {
  releases: Release[];
  deployments: Deployment[];
  /** Versions whose image may not be launched any more. */
  revoked?: number[];
  texts: Record<TextRef, string>;
  now: At;
}

/** What was live in an environment at a time, and the deployment that brought it: of a repair the one that it repaired. */
export interface LiveAt {
  environment: string;
  serving: Serving;
  deployment?: Deployment;
}

export interface OverridesView {
  deployments: Deployment[];
  texts: Record<TextRef, string>;
}

/** How the operators' files stand: parts that take a start, and why newer ones are not in force. */
export interface FilesView {
  restart: string[];
  refused?: { problems: string; at: At };
  now: At;
}

export interface Queries {
  services(): string[];
  policy(service: string): ServicePolicy | undefined;
  /** What was live at a time, by environment, lowest rung first. */
  liveAt(service: string, at: At): Promise<LiveAt[]>;
  /** Deployments for which somebody put the rules aside, newest first. */
  overrides(service: string, limit: number): Promise<OverridesView>;
  files(): FilesView;
  /** What is decided for all services. */
  installation(): Installation;
  /** Images of any service that were baked from a release's image, directly or over others. */
  bakedFrom(service: string, version: number): Promise<Pick<Image, 'id' | 'digest'>[]>;
  service(service: string): Promise<ServiceView | undefined>;
  release(service: string, version: number): Promise<ReleaseView | undefined>;
  deployment(id: string): Promise<DeploymentView | undefined>;
  /** Newest first, each with why its image is kept; without a reason it goes tonight. */
  images(service: string): Promise<Retained[] | undefined>;
  /** The numbers of all releases, newest first. */
  versions(service: string): Promise<number[]>;
  /** Newest first. */
  history(service: string, limit: number): Promise<HistoryView>;
  /** What separates two releases; undefined when there is no such release. */
  changes(service: string, from: number, to: number): Promise<Changes | undefined>;
  /** The last lines of a stage's log; the running or failed stage when none is named. Undefined: no such log. */
  log(
    service: string,
    version: number,
    stage?: string,
  ): Promise<{ stage: string; lines: string[] } | undefined>;
}

/** One message that should be in Slack: a card, kept equal to its view, or a note, posted once. */
export interface Message {
  /** Opaque and unique; travels in the message's metadata so that a lost answer is found again. */
  key: string;
  channel: string;
  content:
    | { kind: 'release card'; service: string; version: number }
    | { kind: 'deployment card'; deployment: string }
    | { kind: 'note'; seq: number; card: string }
    /** How a deployment went, once, in its card's thread. `file`: the upload that Slack may have taken. */
    | { kind: 'picture'; seq: number; card: string; file?: string }
    /** An event that belongs to no card. */
    | { kind: 'notice'; seq: number }
    | { kind: 'removed'; service: string; day: string; removed: Removed[] };
  /** Grows with each change of the rows it is drawn from. */
  revision: number;
  /** Where Slack shows it, once posted. */
  posted?: { channel: string; ts: string };
  /** Hash of the view that Slack shows now. */
  shown?: string;
  tries: number;
  notBefore: At;
  /** True once it stands in an end state: shown before progress. */
  final: boolean;
}

/** The messages that are to be shown, in the ledger, written in the same transaction as their reason. */
export interface Outbox {
  /** Those whose newest revision is not shown yet and whose time has come. */
  due(limit: number): Promise<Message[]>;
  find(key: string): Promise<Message | undefined>;
  /** The message that Slack shows there. */
  at(channel: string, ts: string): Promise<Message | undefined>;
  note(seq: number): Promise<NoteView | undefined>;
  /** One event with its words, for a message that belongs to no card. */
  told(seq: number): Promise<Pick<NoteView, 'event' | 'texts'> | undefined>;
  /** Slack took it: `hash` of what it shows, for this revision. */
  shown(key: string, at: { channel: string; ts: string; hash: string; revision: number }): Promise<void>;
  /** This upload is about to be shared: a lost answer must not make a second one. */
  uploading(key: string, file: string): Promise<void>;
  /** Slack did not take it; tried again after `wait`. */
  postponed(key: string, wait: Millis): Promise<void>;
  /** It was deleted in Slack, or never arrived: post it anew. */
  lost(key: string): Promise<void>;
  /** Nothing will ever make it shown (channel gone, and no default). Kept with its reason. */
  givenUp(key: string, why: string): Promise<void>;
}

/** The front door: bot, triggers and CLI see nothing else of the pipeline. */
export interface Pipeline {
  /** Decides and commits. The answer is committed when it resolves; refusals are values. */
  handle(command: PipelineCommand): Promise<Answer>;
  /** Looks the ref up in the service's repository and asks for a release of that commit. */
  requestRelease(order: {
    service: string;
    ref?: string;
    by: Actor;
    onlyNew?: boolean;
    hotfix?: string;
    /** What an outside CI has built; `sha` then is the commit, and `ref` says on which line it lies. */
    submitted?: Submission & { sha: string };
    verified?: Verified;
    /** The e-mail address of who pushed it. */
    pushedBy?: string;
  }): Promise<Answer>;
  /** Leaves the trace of a request that was no command, or was refused before it became one. */
  traced(asked: Pick<PipelineCommand, 'service' | 'by' | 'verified'>, answer: Answer): Promise<Answer>;
  query: Queries;
  outbox: Outbox;
  /** Called after each commit. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

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
