import type { Deployment, Serving } from './domain/deployment.ts';
import type { Difference, ImageDifference } from './domain/difference.ts';
import type { Event } from './domain/event.ts';
import type { GroupPolicy, GroupRelease } from './domain/group.ts';
import type { Freeze } from './domain/installation.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { Release, SuiteResult } from './domain/release.ts';
import type { Service } from './domain/service.ts';
import type { Slot } from './domain/slot.ts';
import type { Standby } from './domain/standby.ts';
import type { At, Millis, TextRef } from './domain/time.ts';

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

/** Where a trace is read, under a name that people know. */
export interface TraceLink {
  name: string;
  link: string;
}

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
  /** Where the traces of what is drawn can be read, where everybody may see them. */
  traces?: TraceLink[] | 'for who asks';
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

/** One service of a group's release: its own release, and what it is in each environment where they go together. */
export interface GroupMemberView {
  service: string;
  version: number;
  /** None when the files do not know it any more. */
  policy?: ServicePolicy;
  release?: Release;
  /** By environment: its deployment that goes with the others, as the files ask for it today. */
  deployments: Record<string, Deployment>;
  slots: Record<string, Slot>;
  /** What environments are frozen by, by name. */
  frozen: Record<string, Freeze>;
  /** Who wrote and pushed its commit (`team/user`), where they are looked up. */
  wroteIt?: string[];
  /** What an approver has to know of it, while it waits for a word. */
  decision?: DecisionFacts;
}

/** All that the card of a group's release is drawn from. */
export interface GroupView {
  policy: GroupPolicy;
  release: GroupRelease;
  /** In order. */
  members: GroupMemberView[];
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
