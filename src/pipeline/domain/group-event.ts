import type { Actor } from './actor.ts';
import type { GroupEnding, GroupMember, GroupStepBack } from './group.ts';
import type { Commit } from './release.ts';
import type { At, TextRef } from './time.ts';

type OfGroup<Type extends string, More = unknown> = {
  type: Type;
  /** The group's name: it is no service's. */
  service: string;
  /** Which of its releases. */
  number: number;
} & More;
type OfRun<Type extends string, More = unknown> = OfGroup<Type, { where: string } & More>;

/** What happened to a group's release: its own stream. `where` is the environment, `member` a service of it. */
export type GroupEvent =
  | OfGroup<
      'GroupReleaseRequested',
      { by: Actor; commit: Commit; members: GroupMember[]; environments: string[]; hotfix?: TextRef }
    >
  /** Its deployment waits there; or it is live there already, and has none. */
  | OfRun<'GroupMemberReady', { member: string; waits?: string }>
  | OfRun<'GroupAsked', { next?: At }>
  | OfRun<'GroupReminded', { next?: At }>
  /** All had agreed. `before`: what each member ran. */
  | OfRun<'GroupBegan', { before: Record<string, number> }>
  | OfRun<'GroupTurnGiven', { member: string }>
  | OfRun<'GroupMemberDone', { member: string }>
  /** `live`: what each service of the group runs. */
  | OfRun<'GroupFinished', { live: Record<string, number> }>
  /** It came to nothing before any of it had begun: `member` ended as `as`. */
  | OfRun<'GroupEnded', { member: string; as: string }>
  | OfRun<
      'GroupGoingBack',
      { by: Actor; reason?: TextRef; steps: GroupStepBack[]; stoppedBy?: { member: string; as: string } }
    >
  | OfRun<'GroupMemberGoingBack', { member: string; back: string }>
  | OfRun<'GroupMemberBack', { member: string }>
  | OfRun<'GroupMemberStays', { member: string; because: TextRef }>
  | OfRun<'GroupWentBack'>
  /** Somebody wants it there again, after it came to nothing. */
  | OfRun<'GroupWantedAgain', { by: Actor }>
  | OfGroup<'GroupOver', { as: GroupEnding; newer?: number; by?: Actor }>;

const ofGroup = new Set<string>([
  'GroupReleaseRequested',
  'GroupMemberReady',
  'GroupAsked',
  'GroupReminded',
  'GroupBegan',
  'GroupTurnGiven',
  'GroupMemberDone',
  'GroupFinished',
  'GroupEnded',
  'GroupGoingBack',
  'GroupMemberGoingBack',
  'GroupMemberBack',
  'GroupMemberStays',
  'GroupWentBack',
  'GroupWantedAgain',
  'GroupOver',
] satisfies GroupEvent['type'][]);

export const isOfGroup = <E extends { type: string }>(event: E): event is Extract<E, GroupEvent> =>
  ofGroup.has(event.type);

export const groupStream = (group: string): string => `group/${group}`;
