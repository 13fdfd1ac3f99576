import type { Actor } from './domain/actor.ts';
import type { Answer, PipelineCommand } from './domain/command.ts';
import type { GroupPolicy } from './domain/group.ts';
import type { Image } from './domain/image.ts';
import type { Installation } from './domain/installation.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { Retained } from './domain/retention.ts';
import type { Submission } from './domain/submission.ts';
import type { At } from './domain/time.ts';
import type { Verified } from './domain/verified.ts';
import type { Outbox } from './outbox.ts';
import type {
  Changes,
  DeploymentView,
  FilesView,
  GroupView,
  HistoryView,
  LiveAt,
  OverridesView,
  ReleaseView,
  ServiceView,
  TraceLink,
} from './views.ts';

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
  /** Groups of services that are released together. */
  groups(): readonly GroupPolicy[];
  /** One release of a group; the newest when no number is named. */
  group(group: string, number?: number): Promise<GroupView | undefined>;
  /** Newest first. */
  groupHistory(group: string, limit: number): Promise<GroupView[]>;
  deployment(id: string): Promise<DeploymentView | undefined>;
  /** Newest first, each with why its image is kept; without a reason it goes tonight. */
  images(service: string): Promise<Retained[] | undefined>;
  /** The numbers of all releases, newest first. */
  versions(service: string): Promise<number[]>;
  /** Newest first. */
  history(service: string, limit: number): Promise<HistoryView>;
  /** What separates two releases; undefined when there is no such release. */
  changes(service: string, from: number, to: number): Promise<Changes | undefined>;
  /** Where the traces of a release and of its deployments are read; undefined where no address is known. */
  traces(service: string, version: number): Promise<TraceLink[] | undefined>;
  /** The last lines of a stage's log; the running or failed stage when none is named. Undefined: no such log. */
  log(
    service: string,
    version: number,
    stage?: string,
  ): Promise<{ stage: string; lines: string[] } | undefined>;
}

/** A release that somebody wants, or a source, by a ref that is still to be looked up. */
export interface ReleaseWish {
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
}

/** The front door: bot, triggers and CLI see nothing else of the pipeline. */
export interface Pipeline {
  /** Decides and commits. The answer is committed when it resolves; refusals are values. */
  handle(command: PipelineCommand): Promise<Answer>;
  /**
   * Looks the ref up in the repository of a service, or of a group, and asks for a release of that commit. `onlyNew`, as a
   * push asks for it: of a service that goes with a group it is the group's.
   */
  requestRelease(wish: ReleaseWish): Promise<Answer>;
  /** Leaves the trace of a request that was no command, or was refused before it became one. */
  traced(asked: Pick<PipelineCommand, 'service' | 'by' | 'verified'>, answer: Answer): Promise<Answer>;
  query: Queries;
  outbox: Outbox;
  /** Called after each commit. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}
