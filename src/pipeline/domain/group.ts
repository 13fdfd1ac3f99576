import type { Actor } from './actor.ts';
import type { Commit } from './release.ts';
import type { At, Millis, TextRef } from './time.ts';
import type { Workspace } from './workspace.ts';

/**
 * Services that are released together, from the operators' files. A group's name is no service's; its releases are
 * numbered v1, v2, … and never reused, as a service's are.
 */
export interface GroupPolicy {
  group: string;
  /** In the order in which they are put somewhere; back in reverse. */
  services: string[];
  /** Where they go together, lowest rung first. Everywhere else each goes on its own. */
  environments: string[];
  /** How long one has to have had its traffic, its own soak passed, before the next begins. */
  soak: Millis;
  channel: string;
  /** That of all of its services, where there are several. */
  workspace?: Workspace;
  repository: string;
  branch: string;
}

/** One service of a group's release. */
export interface GroupMember {
  service: string;
  version: number;
}

/** How a member fares in one environment. */
export interface GroupSeat {
  /** Its deployment there; none where it is live there already. */
  deployment?: string;
  /** When its turn came last. */
  turnAt?: At;
  /** When it was live and had soaked. */
  doneAt?: At;
}

/** Back from one member: to what, and what came of it. */
export interface GroupStepBack {
  member: string;
  /** The version that it goes back to; nothing ran before it when left out. */
  to?: number;
  deployment?: string;
  outcome?: 'back' | 'stays';
  /** Why it stays. */
  because?: TextRef;
}

/**
 * gathering: not all are there. asking: people are asked. rolling out: one after the other. going back: in reverse.
 * ended: it came to nothing before any of it had begun.
 */
export type GroupRunState =
  | 'gathering'
  | 'asking'
  | 'rolling out'
  | 'finished'
  | 'going back'
  | 'went back'
  | 'ended';

/** A group's release in one environment. */
export interface GroupRun {
  state: GroupRunState;
  since: At;
  seats: Record<string, GroupSeat>;
  /** When people were asked last, and when those who must act are reminded. */
  askedAt?: At;
  remindAt?: At;
  reminders?: number;
  /** True while people are asked though it has begun: what they had said is void. */
  askedAnew?: true;
  beganAt?: At;
  /** What each member ran when it began; those that ran nothing are left out. */
  before?: Record<string, number>;
  /** What each service of the group ran when it was through. */
  after?: Record<string, number>;
  /** Whose failure ended it or turned it back, and how. */
  stoppedBy?: { member: string; as: string };
  back?: { by: Actor; reason?: TextRef; steps: GroupStepBack[] };
  endedAt?: At;
}

/** A commit of a group: releases of its services that go together. */
export interface GroupRelease {
  group: string;
  number: number;
  commit: Commit;
  requestedBy: Actor;
  requestedAt: At;
  hotfix?: TextRef;
  /** In order. */
  members: GroupMember[];
  environments: string[];
  /** By environment; none before the first of its members is there. */
  runs: Record<string, GroupRun>;
  state: 'open' | GroupEnding;
  endedAt?: At;
  supersededBy?: number;
  cancelledBy?: Actor;
}

export type GroupEnding = 'finished' | 'ended' | 'went back' | 'superseded' | 'cancelled';

export const isUnderWay = ({ state }: Pick<GroupRun, 'state'>): boolean =>
  state === 'rolling out' || state === 'going back';

/** The environment that it is about now: the lowest in which it is not through. */
export const currentRung = ({
  environments,
  runs,
}: Pick<GroupRelease, 'environments' | 'runs'>): string | undefined =>
  environments.find((name) => runs[name]?.state !== 'finished');

/** The environment in which something of it is to be done now; undefined when nothing is. */
export const activeRung = (row: GroupRelease): string | undefined =>
  row.environments.find((name) => {
    const run = row.runs[name];
    return run !== undefined && isUnderWay(run);
  }) ?? (row.state === 'open' ? currentRung(row) : undefined);

/** The members of a run whose turn has come, last first: the way back. */
export const turned = ({ members }: Pick<GroupRelease, 'members'>, { seats }: GroupRun): GroupMember[] =>
  members.filter(({ service }) => seats[service]?.turnAt !== undefined).toReversed();
