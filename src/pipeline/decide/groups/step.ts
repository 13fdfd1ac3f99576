import type { Deployment } from '../../domain/deployment.ts';
import { activeRung, type GroupRelease, isUnderWay } from '../../domain/group.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import { aboutGroup } from './about.ts';
import { goBack, turnBack } from './back.ts';
import { end } from './end.ts';
import type { GroupDraft } from './group-draft.ts';
import { nextReminder } from './remind.ts';
import { failureOf, hasSoaked, heldBy, isAgreed, isAskedFor, type Seat, seatsOf } from './seat.ts';

/**
 * Takes a group's release as far as it can go now, by what its services are: asked again after whatever happened to one
 * of them, and right however often it is asked.
 */
export function stepGroup(draft: GroupDraft, number: number): void {
  for (;;) {
    const row = draft.release(number);
    const where = row === undefined ? undefined : activeRung(row);
    if (row === undefined || (row.state !== 'open' && where === undefined)) return;
    if (!step(draft, row, where)) return;
  }
}

/** One step; true when there may be another. */
function step(draft: GroupDraft, row: GroupRelease, where: string | undefined): boolean {
  if (where === undefined) {
    draft.emit({ type: 'GroupOver', ...aboutGroup(row), as: 'finished' });
    return false;
  }
  const seats = seatsOf(draft, row, where);
  const run = row.runs[where];
  switch (run?.state ?? 'gathering') {
    case 'gathering':
      return gather(draft, row, where, seats);
    case 'asking':
      return ask(draft, row, where, seats);
    case 'rolling out':
      return rollOut(draft, row, where, seats);
    case 'going back':
      return goBack(draft, row, where, seats);
    default:
      return false;
  }
}

/** Each member's deployment waits here, or is live here already. */
function gather(draft: GroupDraft, row: GroupRelease, where: string, seats: Seat[]): boolean {
  if (endedBy(draft, row, where, seats)) return true;
  const about = { ...aboutGroup(row), where };
  const known = row.runs[where]?.seats ?? {};
  const ready = seats.filter((seat) => isReady(seat));
  const fresh = ready.filter(({ service }) => known[service] === undefined);
  for (const { service: member, deployment } of fresh)
    draft.emit({
      type: 'GroupMemberReady',
      ...about,
      member,
      ...(deployment === undefined ? {} : { waits: deployment.id }),
    });
  if (fresh.length > 0) return true;
  if (ready.length < row.members.length) return false;
  askAnew(draft, seats);
  draft.emit({ type: 'GroupAsked', ...about, ...nextReminder(draft, seatsOf(draft, row, where), 0) });
  return true;
}

const isReady = ({ deployment, isLive }: Seat): boolean =>
  deployment === undefined ? isLive : deployment.wentLive || deployment.stage === 'approve';

/** The time to agree begins when all are there. */
function askAnew(draft: GroupDraft, seats: Seat[]): void {
  for (const { service, deployment } of seats)
    if (deployment?.wait?.for === 'group') {
      const member = draft.member(service);
      member?.emit({ type: 'DeploymentAskedAgain', ...aboutOf(deployment) });
      if (member !== undefined) advance(member, deploymentSubject(deployment));
    }
}

/** All have to agree, nothing may hold any of them, and no other release of the group may be under way here. */
function ask(draft: GroupDraft, row: GroupRelease, where: string, seats: Seat[]): boolean {
  if (endedBy(draft, row, where, seats)) return true;
  const isFree = draft.releases.every((other) => {
    const run = other.runs[where];
    return other.number === row.number || run === undefined || !isUnderWay(run);
  });
  if (!isFree || !seats.every(isAgreed) || seats.some((seat) => heldBy(seat, where) !== undefined))
    return false;
  const before = Object.fromEntries(
    seats.flatMap(({ service, version, draft: { facts } }): [string, number][] => {
      const live = facts.slots.get(where)?.live?.version;
      return live === undefined || live === version ? [] : [[service, live]];
    }),
  );
  draft.emit({ type: 'GroupBegan', ...aboutGroup(row), where, before });
  for (const { draft: member, deployment } of seats)
    if (deployment !== undefined && !deployment.wentLive)
      member.emit({ type: 'DeploymentGoesTogether', ...aboutOf(deployment) });
  return true;
}

/** Whether one of them came to nothing: then all do. */
function endedBy(draft: GroupDraft, row: GroupRelease, where: string, seats: Seat[]): boolean {
  const gone = seats.find((seat) => failureOf(seat) !== undefined);
  if (gone === undefined) return false;
  const { service: member } = gone;
  draft.emit({ type: 'GroupEnded', ...aboutGroup(row), where, member, as: failureOf(gone) ?? '' });
  end(draft, row, 'ended', { why: `${member} v${gone.version} is ${failureOf(gone)}` });
  return true;
}

/** One after the other: the next when the one before has its traffic and has soaked. */
function rollOut(draft: GroupDraft, row: GroupRelease, where: string, seats: Seat[]): boolean {
  const about = { ...aboutGroup(row), where };
  const failed = seats.find((seat) =>
    seat.turned || seat.done ? failureOf(seat) !== undefined : isGone(seat),
  );
  if (failed !== undefined) {
    turnBack(draft, row, where, failed);
    return true;
  }
  const next = seats.find(({ done }) => !done);
  if (next === undefined) {
    draft.emit({ type: 'GroupFinished', ...about, live: liveIn(draft, where) });
    return true;
  }
  if (hasSoaked(next)) {
    if (!next.turned || isLongEnough(draft, next)) {
      draft.emit({ type: 'GroupMemberDone', ...about, member: next.service });
      return true;
    }
    return false;
  }
  return giveTurn(draft, row, where, seats, next);
}

/** Before its turn only: afterwards what failed is looked at as any other failure. */
const isGone = (seat: Seat): boolean => !seat.isLive && failureOf(seat) !== undefined;

function giveTurn(draft: GroupDraft, row: GroupRelease, where: string, seats: Seat[], next: Seat): boolean {
  const { deployment } = next;
  const about = { ...aboutGroup(row), where };
  if (deployment === undefined || !waitsForTurn(deployment)) return false;
  const rest = seats.filter(({ done }) => !done);
  if (rest.some((seat) => heldBy(seat, where) !== undefined)) return false;
  if (!isAgreed(next)) {
    if (!isAskedFor(next) || row.runs[where]?.askedAnew === true) return false;
    draft.emit({ type: 'GroupAsked', ...about, ...nextReminder(draft, rest, 0) });
    return true;
  }
  draft.emit({ type: 'GroupTurnGiven', ...about, member: next.service });
  next.draft.emit({ type: 'DeploymentTurnCame', ...aboutOf(deployment) });
  advance(next.draft, deploymentSubject(deployment));
  return true;
}

const waitsForTurn = ({ state, stage, turn }: Deployment): boolean =>
  state === 'running' && stage === 'approve' && turn !== true;

/** The time that the files declare, from when all traffic was its. */
function isLongEnough({ policy, now }: GroupDraft, { deployment }: Seat): boolean {
  const since = deployment?.stages['cut-over'].endedAt;
  return since === undefined || now >= since + policy.soak;
}

const liveIn = (draft: GroupDraft, where: string): Record<string, number> =>
  Object.fromEntries(
    draft.policy.services.flatMap((service): [string, number][] => {
      const live = draft.member(service)?.facts.slots.get(where)?.live?.version;
      return live === undefined ? [] : [[service, live]];
    }),
  );
