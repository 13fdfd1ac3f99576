import type { Actor } from '../../domain/actor.ts';
import { theClock } from '../../domain/actor.ts';
import { isRefusal } from '../../domain/command.ts';
import { isDeploymentOver } from '../../domain/deployment.ts';
import { type GroupRelease, type GroupStepBack, turned } from '../../domain/group.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import { goBackAs } from '../commands/roll-back.ts';
import type { Draft } from '../draft.ts';
import { aboutGroup } from './about.ts';
import { end } from './end.ts';
import type { GroupDraft } from './group-draft.ts';
import { failureOf, isAtRest, type Seat, seatsOf } from './seat.ts';

/** One of them came to nothing: nothing later begins, and those whose turn has come go back, last first. */
export function turnBack(draft: GroupDraft, row: GroupRelease, where: string, failed: Seat): void {
  const run = row.runs[where];
  if (run === undefined) return;
  const steps = turned(row, run).map(({ service }) => stepTo(service, run.before?.[service]));
  const stoppedBy = { member: failed.service, as: failureOf(failed) ?? '' };
  draft.emit({ type: 'GroupGoingBack', ...aboutGroup(row), where, by: theClock, steps, stoppedBy });
  callOff(draft, row, where, theClock, `${failed.service} v${failed.version} is ${stoppedBy.as}`);
}

export const stepTo = (member: string, to: number | undefined): GroupStepBack => ({
  member,
  ...(to === undefined ? {} : { to }),
});

/** What waits for its turn, or has its turn and no traffic yet, begins nothing any more. */
export function callOff(draft: GroupDraft, row: GroupRelease, where: string, by: Actor, why: string): void {
  for (const { draft: member, deployment } of seatsOf(draft, row, where)) {
    if (deployment?.state !== 'running' || deployment.wentLive || deployment.epoch !== undefined) continue;
    const reason = member.text(`${row.group} v${row.number}: ${why}`);
    member.emit({ type: 'DeploymentCancelRequested', ...aboutOf(deployment), by, reason });
    member.stop(deploymentSubject(deployment));
    advance(member, deploymentSubject(deployment));
  }
}

/** The next step back, when the one before it is through. */
export function goBack(draft: GroupDraft, row: GroupRelease, where: string, seats: Seat[]): boolean {
  const back = row.runs[where]?.back;
  const about = { ...aboutGroup(row), where };
  const step = back?.steps.find(({ outcome }) => outcome === undefined);
  if (back === undefined || step === undefined) {
    draft.emit({ type: 'GroupWentBack', ...about });
    const now = draft.release(row.number) ?? row;
    if (now.state === 'open') end(draft, now, 'went back', { why: 'it went back' });
    return true;
  }
  const member = draft.member(step.member);
  const seat = seats.find(({ service }) => service === step.member);
  if (member === undefined) return stays(draft, row, where, step, 'The files do not know it any more.');
  if (step.deployment !== undefined) return follow(draft, row, where, step, member);
  // What it does by itself comes first: the slot is its own until then.
  if (seat !== undefined && !isAtRest(seat)) return false;
  return begin(draft, row, where, { step, member, by: back.by, reason: back.reason }, seat);
}

interface Begin {
  step: GroupStepBack;
  member: Draft;
  by: Actor;
  reason: string | undefined;
}

function begin(
  draft: GroupDraft,
  row: GroupRelease,
  where: string,
  { step, member, by }: Begin,
  seat: Seat | undefined,
): boolean {
  const { to } = step;
  const about = { ...aboutGroup(row), where, member: step.member };
  const { facts } = member;
  const live = facts.slots.get(where)?.live?.version;
  if (live === to) {
    const isMoving = isOnItsWay(seat);
    if (!isMoving) {
      draft.emit({ type: 'GroupMemberBack', ...about });
      return true;
    }
  }
  if (to === undefined)
    return stays(
      draft,
      row,
      where,
      step,
      'Nothing of it ran there before, so there is nothing to go back to.',
    );
  const other = seat === undefined || live === to || live === seat.version ? undefined : live;
  if (other !== undefined)
    return stays(draft, row, where, step, `v${other} is live there by now, which somebody else decided.`);
  const plan = facts.policy.environments.find(({ name }) => name === where);
  if (plan === undefined) return stays(draft, row, where, step, `It has no environment ${where} any more.`);
  const order = { do: 'roll back', service: step.member, version: to, environment: where, by } as const;
  const answer = goBackAs(member, { ...order, reason: `with ${row.group} v${row.number}` }, plan);
  if (isRefusal(answer)) return stays(draft, row, where, step, answer.sentence);
  if (answer.deployment !== undefined)
    draft.emit({ type: 'GroupMemberGoingBack', ...about, back: answer.deployment });
  return true;
}

/** It has begun to change the slot, though what is live there is still what it leaves. */
const isOnItsWay = (seat: Seat | undefined): boolean =>
  seat?.deployment?.state === 'running' && seat.deployment.epoch !== undefined && !seat.deployment.wentLive;

/** A rollback that was begun: it is back once traffic is there, whatever is to be tidied up after that. */
function follow(
  draft: GroupDraft,
  row: GroupRelease,
  where: string,
  step: GroupStepBack,
  { facts }: Draft,
): boolean {
  const deployment = facts.deployments.get(step.deployment ?? '');
  const live = facts.slots.get(where)?.live?.version;
  if (live === step.to && deployment?.wentLive !== false) {
    draft.emit({ type: 'GroupMemberBack', ...aboutGroup(row), where, member: step.member });
    return true;
  }
  if (deployment !== undefined && !isDeploymentOver(deployment)) return false;
  return stays(draft, row, where, step, `Going back to v${step.to} came to nothing; its own card says why.`);
}

/** It is a text itself, so it cannot stand for another one. */
const withoutTexts = (sentence: string): string => sentence.replace(/ \(\{t[0-9a-f]{40}\}\)/, '');

/** What is before it in the order stays too: it may need what this one is. */
function stays(
  draft: GroupDraft,
  row: GroupRelease,
  where: string,
  step: GroupStepBack,
  sentence: string,
): boolean {
  const about = { ...aboutGroup(row), where };
  draft.emit({
    type: 'GroupMemberStays',
    ...about,
    member: step.member,
    because: draft.text(withoutTexts(sentence)),
  });
  const rest = draft
    .release(row.number)
    ?.runs[where]?.back?.steps.filter(({ outcome }) => outcome === undefined);
  for (const { member } of rest ?? [])
    draft.emit({
      type: 'GroupMemberStays',
      ...about,
      member,
      because: draft.text(`${step.member} stays, which was put there after it and may need it.`),
    });
  return true;
}
