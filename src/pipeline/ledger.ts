import type { Actor } from './domain/actor.ts';
import type { Event } from './domain/event.ts';
import type { Facts } from './domain/facts.ts';
import type { GroupRelease } from './domain/group.ts';
import type { Installation } from './domain/installation.ts';
import type { Inventory } from './domain/marked.ts';
import type { OutwardWishes } from './domain/outward.ts';
import type { Slot } from './domain/slot.ts';
import type { Standby } from './domain/standby.ts';
import type { OpenTask, Subject, TaskId, TaskKind, TaskOrder } from './domain/task.ts';
import type { At, Millis, TextRef } from './domain/time.ts';
import type { Place } from './domain/workspace.ts';

/** What a decision read, with the version of every stream behind it. */
export interface Loaded {
  facts: Omit<Facts, 'policy' | 'calendar'>;
  versions: Record<string, number>;
}

/** What a decision names beyond what is open and live. */
export interface Named {
  version?: number | undefined;
  sha?: string | undefined;
  deployment?: string | undefined;
  /** All releases that have an image. */
  images?: boolean;
  /** More of each, where a group names them. */
  versions?: readonly number[];
  deployments?: readonly string[];
}

/** What is known of a group's releases: those that are open, and the newest. */
export interface LoadedGroup {
  releases: GroupRelease[];
  nextNumber: number;
  /** The version of the group's stream. */
  version: number;
}

/** A task as the ledger holds it: wanted, with the attempt that counts. */
export interface TaskRow extends OpenTask {
  kind: TaskKind;
  input: unknown;
  attempt: number;
  /** Faults so far; `not yet` does not count. */
  tries: number;
  known: unknown;
  notBefore: At;
  deadline: At;
  limit: Millis;
  enqueued: boolean;
  /** Its end was asked for: when it reports, or is known not to have begun, it is cancelled. */
  stopping: boolean;
  /** Since when the queue does not hold it, as last seen. */
  missingSince: At | undefined;
}

export interface Batch {
  at: At;
  by: Actor;
  /** Streams that the decision read; the whole batch is refused when one has moved. */
  expect: Record<string, number>;
  events: Event[];
  texts: Record<TextRef, string>;
  orders: TaskOrder[];
  /** Keys of subjects whose open tasks are to be stopped. */
  stop: string[];
  /** The task that ended with this, accepted once and only for the attempt that counts. */
  ends?: TaskId & { attempt: number; as: 'done' | 'failed' | 'cancelled' };
  standbys?: Standby[];
  /** Deployments whose cards are drawn anew, though nothing happened to them. */
  redrawn?: string[];
  /** What a provider showed: replaces what it showed before. */
  inventory?: Inventory;
  /** Where cards of the service belong. */
  channel: string;
  /** The workspace of that channel, where there are several. */
  team?: string;
  /** Channels of other workspaces that are told too what belongs to no card. */
  alsoIn?: readonly Place[];
  /** What is told outside of Slack; nothing when it is left out. */
  outward?: OutwardWishes;
}

/** `stale`: the attempt that ended is not the one that counts any more; nothing was written. */
export type Committed = 'committed' | 'conflict' | 'stale';

/** The only truth. One coordinator writes it. */
export interface Ledger {
  readonly owner: string;
  load(service: string, named: Named): Promise<Loaded>;
  commit(batch: Batch): Promise<Committed>;
  /** All of them in one transaction, or none. */
  commitTogether(batches: readonly Batch[]): Promise<Committed>;
  loadGroup(group: string): Promise<LoadedGroup>;
  /** Those of any group of which something may still come. */
  openGroups(): Promise<GroupRelease[]>;
  /** The wanted task whose current attempt has this job id. */
  taskOfJob(job: string): Promise<TaskRow | undefined>;
  /** Wanted tasks that are not in the queue yet, oldest first. */
  toEnqueue(limit: number): Promise<TaskRow[]>;
  /** The queue took these attempts. */
  enqueued(tasks: readonly (TaskId & { attempt: number })[]): Promise<void>;
  /** Another attempt instead of the one that ended; false when that one does not count any more. */
  again(
    task: TaskId,
    attempt: number,
    next: { notBefore: At; tries: number; known: unknown; note: string | undefined },
  ): Promise<boolean>;
  /** All wanted tasks that are in the queue as far as the ledger knows. */
  inQueue(): Promise<TaskRow[]>;
  /** Marks what the queue does not hold, or holds again. */
  missing(task: TaskId, since: At | undefined): Promise<void>;
  /** The task is put into the queue again under the same attempt. */
  enqueueAgain(task: TaskId): Promise<void>;
  toStop(): Promise<TaskRow[]>;
  overdueTasks(now: At): Promise<TaskRow[]>;
  /** What an attempt says of itself, for people who look: written a little later, and lost with the process until then. */
  progress(job: string, note: string): Promise<void>;
  /** Open deployments whose wait is over. */
  waitsOver(now: At): Promise<{ service: string; deployment: string; until: At }[]>;
  /** What is decided for all services. */
  installation(): Promise<Installation>;
  /** Slots whose lock ends, or whose holder is to be asked about it. */
  locksDue(now: At): Promise<{ service: string; environment: string }[]>;
  /** The words of texts; what was erased or is unknown is left out. */
  words(refs: readonly TextRef[]): Promise<Record<TextRef, string>>;
  /** Slots in which something is live and nobody holds the lease. */
  quietSlots(): Promise<(Subject & { kind: 'slot' })[]>;
  /** Services whose ledger was restored and that wait for a look at the clouds. */
  restoring(): Promise<string[]>;
  slots(): Promise<Slot[]>;
  /** Whether a task of this subject is wanted. */
  isWanted(subjectKey: string): Promise<boolean>;
  standbys(): Promise<Standby[]>;
  /** What each provider showed when it was last asked. */
  inventories(): Promise<Inventory[]>;
  services(): Promise<string[]>;
  /** True the first time a delivery is seen. */
  firstTime(source: string, id: string, now: At): Promise<boolean>;
  /** Forgets tasks that ended long ago. */
  prune(before: At): Promise<void>;
}
