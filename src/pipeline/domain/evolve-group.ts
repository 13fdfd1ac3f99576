import { type GroupRelease, type GroupRun, type GroupSeat, type GroupStepBack, isUnderWay } from './group.ts';
import type { GroupEvent } from './group-event.ts';
import type { At } from './time.ts';

/** Folds one event into a group's release. */
export function evolveGroup(
  row: GroupRelease | undefined,
  event: GroupEvent,
  at: At,
): GroupRelease | undefined {
  if (event.type === 'GroupReleaseRequested') {
    const { service: group, number, commit, members, environments, by, hotfix } = event;
    return {
      ...{ group, number, commit, members, environments },
      requestedBy: by,
      requestedAt: at,
      ...(hotfix === undefined ? {} : { hotfix }),
      runs: {},
      state: 'open',
    };
  }
  if (row === undefined) return undefined;
  if (event.type === 'GroupOver') {
    return {
      ...row,
      runs: ended(row.runs, at),
      state: event.as,
      endedAt: at,
      ...(event.newer === undefined ? {} : { supersededBy: event.newer }),
      ...(event.by === undefined ? {} : { cancelledBy: event.by }),
    };
  }
  if (event.type === 'GroupWantedAgain') {
    const { endedAt: _ended, cancelledBy: _by, ...kept } = row;
    return { ...kept, state: 'open', runs: { ...row.runs, [event.where]: newRun(at) } };
  }
  const run = evolveRun(row.runs[event.where] ?? newRun(at), event, at);
  return { ...row, runs: { ...row.runs, [event.where]: run } };
}

/** Nothing goes on of what was under way. */
const ended = (runs: GroupRelease['runs'], at: At): GroupRelease['runs'] =>
  Object.fromEntries(
    Object.entries(runs).map(([name, run]) => [
      name,
      isUnderWay(run) ? { ...run, state: 'ended' as const, endedAt: at } : run,
    ]),
  );

const newRun = (since: At): GroupRun => ({ state: 'gathering', since, seats: {} });

type RunEvent = Exclude<GroupEvent, { type: 'GroupReleaseRequested' | 'GroupOver' | 'GroupWantedAgain' }>;

function evolveRun(run: GroupRun, event: RunEvent, at: At): GroupRun {
  switch (event.type) {
    case 'GroupMemberReady':
      return seated(run, event.member, event.waits === undefined ? {} : { deployment: event.waits });
    case 'GroupAsked': {
      const anew = run.state === 'rolling out' ? ({ askedAnew: true } as const) : {};
      const state = run.state === 'gathering' ? 'asking' : run.state;
      return { ...withNext(run, event.next), ...anew, state, askedAt: at };
    }
    case 'GroupReminded':
      return { ...withNext(run, event.next), reminders: (run.reminders ?? 0) + 1 };
    case 'GroupBegan':
      return { ...withNext(run, undefined), state: 'rolling out', beganAt: at, before: event.before };
    case 'GroupTurnGiven': {
      const { askedAnew: _asked, ...kept } = withNext(run, undefined);
      return seated(kept, event.member, { turnAt: at });
    }
    case 'GroupMemberDone':
      return seated(run, event.member, { doneAt: at });
    case 'GroupFinished':
      return { ...run, state: 'finished', after: event.live, endedAt: at };
    case 'GroupEnded': {
      const { member, as } = event;
      return { ...withNext(run, undefined), state: 'ended', stoppedBy: { member, as }, endedAt: at };
    }
    default:
      return evolveBack(run, event, at);
  }
}

type BackEvent = Extract<
  RunEvent,
  {
    type:
      | 'GroupGoingBack'
      | 'GroupMemberGoingBack'
      | 'GroupMemberBack'
      | 'GroupMemberStays'
      | 'GroupWentBack';
  }
>;

function evolveBack(run: GroupRun, event: BackEvent, at: At): GroupRun {
  switch (event.type) {
    case 'GroupGoingBack': {
      const { by, reason, steps, stoppedBy } = event;
      const { askedAnew: _asked, endedAt: _ended, ...kept } = withNext(run, undefined);
      return {
        ...kept,
        state: 'going back',
        ...(stoppedBy === undefined ? {} : { stoppedBy }),
        back: { by, steps, ...(reason === undefined ? {} : { reason }) },
      };
    }
    case 'GroupMemberGoingBack':
      return stepped(run, event.member, { deployment: event.back });
    case 'GroupMemberBack':
      return stepped(run, event.member, { outcome: 'back' });
    case 'GroupMemberStays':
      return stepped(run, event.member, { outcome: 'stays', because: event.because });
    case 'GroupWentBack':
      return { ...run, state: 'went back', endedAt: at };
  }
}

const seated = (run: GroupRun, member: string, more: GroupSeat): GroupRun => ({
  ...run,
  seats: { ...run.seats, [member]: { ...run.seats[member], ...more } },
});

function stepped(run: GroupRun, member: string, more: Partial<GroupStepBack>): GroupRun {
  if (run.back === undefined) return run;
  const steps = run.back.steps.map((step) => (step.member === member ? { ...step, ...more } : step));
  return { ...run, back: { ...run.back, steps } };
}

function withNext({ remindAt: _past, ...run }: GroupRun, next: At | undefined): GroupRun {
  return next === undefined ? run : { ...run, remindAt: next };
}
