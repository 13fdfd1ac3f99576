import {
  type Answer,
  type GroupWish,
  isRefusal,
  type PipelineCommand,
  type Refusal,
  refuse,
} from '../../domain/command.ts';
import { type GroupMember, type GroupRelease, isUnderWay } from '../../domain/group.ts';
import type { Release } from '../../domain/release.ts';
import { standingProblem } from '../../domain/standing.ts';
import { releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { requestRelease, sameCommit } from '../commands/request-release.ts';
import type { Draft } from '../draft.ts';
import { climb } from '../ladder.ts';
import { aboutGroup } from './about.ts';
import { end } from './end.ts';
import type { GroupDraft } from './group-draft.ts';
import { stepGroup } from './step.ts';

type Command = PipelineCommand & { do: 'request group' };

/**
 * A commit of a group: each service that it concerns is released as it would be alone, or goes along with a release that
 * has the same in it; and they go together where the group says so. Older ones that have not begun give way.
 */
export function requestGroup(draft: GroupDraft, command: Command): Answer {
  const { service: group, by, commit, hotfix, onlyNew } = command;
  const { environments } = draft.policy;
  const members: GroupMember[] = [];
  for (const wish of command.wishes) {
    const member = released(draft, command, wish);
    if (member !== undefined && isRefusal(member)) return member;
    if (member !== undefined) members.push(member);
  }
  const goesWith = { group, environments };
  const same = draft.releases.find(({ state, members: its }) => state === 'open' && isSame(its, members));
  const isKnown = onlyNew === true && draft.releases.some((row) => row.commit.sha === commit.sha);
  if (members.length === 0 || same !== undefined || isKnown)
    return refuse('already there', alreadyThere(draft, command, same));
  const number = draft.facts.nextNumber;
  const { sha, ref, subject, author, email, isTag } = commit;
  draft.emit({
    type: 'GroupReleaseRequested',
    ...aboutGroup({ group, number }),
    ...{ by, members, environments },
    ...(hotfix === undefined ? {} : { hotfix: draft.text(hotfix) }),
    commit: {
      ...{ sha, ref, subject: draft.text(subject), author: draft.text(author), email: draft.text(email) },
      ...(isTag === true ? { isTag } : {}),
    },
  });
  for (const { service, version } of members) {
    const member = draft.member(service);
    member?.emit({
      ...{ type: 'ReleaseJoinedGroup', service, version, by },
      goesWith: { ...goesWith, number },
    });
  }
  giveWay(draft, number);
  for (const { service, version } of members) climbAgain(draft.member(service), version);
  stepGroup(draft, number);
  const names = members.map(({ service, version }) => `${service} v${version}`).join(', ');
  return { accepted: true, version: number, sentence: `${group} v${number} is on its way: ${names}.` };
}

/** A release of one service for it; undefined when it has nothing to go anywhere with. */
function released(draft: GroupDraft, command: Command, wish: GroupWish): GroupMember | Refusal | undefined {
  const { service, carry, behind, submitted } = wish;
  const member = draft.member(service);
  if (member === undefined)
    return refuse('unknown service', `There is no service ${service.slice(0, 60)} any more.`);
  if (member.facts.service.restoring !== undefined)
    return refuse('too early', `The ledger was restored, and Bakery is looking what there is of ${service}.`);
  const no = member.may(command, 'bake');
  if (no !== undefined) return no;
  const carried = carry === undefined ? undefined : member.facts.releases.get(carry);
  if (carried !== undefined && mayGoAlong(carried)) return { service, version: carried.version };
  const { commit, by, verified, pushedBy, onlyNew, hotfix } = command;
  const answer = requestRelease(member, {
    ...{ do: 'request release', service, commit, by },
    ...(verified === undefined ? {} : { verified }),
    ...(pushedBy === undefined ? {} : { pushedBy }),
    ...(hotfix === undefined ? {} : { hotfix }),
    ...(onlyNew === undefined ? {} : { onlyNew }),
    ...(behind === undefined ? {} : { behind }),
    ...(submitted === undefined ? {} : { submitted }),
  });
  if (!isRefusal(answer)) return { service, version: member.facts.service.nextVersion - 1 };
  if (answer.refused !== 'already there') return answer;
  const known = sameCommit(member, commit.sha, false);
  const isThere =
    known !== undefined && draft.policy.environments.every((name) => isLiveIn(member, name, known));
  return known === undefined || isThere || !mayGoAlong(known)
    ? undefined
    : { service, version: known.version };
}

const mayGoAlong = ({ state, supersededBy, imageRemovedAt }: Release): boolean =>
  (state === 'running' || state === 'production ready') &&
  supersededBy === undefined &&
  imageRemovedAt === undefined;

const isLiveIn = ({ facts }: Draft, environment: string, { version }: Release): boolean =>
  facts.slots.get(environment)?.live?.version === version;

const isSame = (its: readonly GroupMember[], others: readonly GroupMember[]): boolean =>
  its.length === others.length &&
  its.every(({ service, version }) =>
    others.some((one) => one.service === service && one.version === version),
  );

function alreadyThere(
  draft: GroupDraft,
  { service, commit }: Command,
  same: GroupRelease | undefined,
): string {
  const sha = commit.sha.slice(0, 7);
  return same === undefined
    ? `Nothing of ${service} differs at ${sha} from what is live in ${draft.policy.environments.join(', ')}.`
    : `${sha} is ${service} v${same.number} already. Its card shows how far it is.`;
}

/** Of a group the newest alone waits: its services are to fit together. What has begun goes on. */
function giveWay(draft: GroupDraft, newer: number): void {
  for (const older of draft.releases) {
    const hasBegun = Object.values(older.runs).some(isUnderWay);
    if (older.number >= newer || older.state !== 'open' || hasBegun) continue;
    end(draft, older, 'superseded', { newer, why: `v${newer} takes its place` });
  }
}

/** What went as far as it could before, and has nothing that waits, is asked for on the rung above. */
function climbAgain(draft: Draft | undefined, version: number): void {
  const release = draft?.facts.releases.get(version);
  if (draft === undefined || release?.state !== 'production ready' || release.image === undefined) return;
  const { service, image } = release;
  const rungs = draft.facts.policy.environments;
  const next = rungs.findIndex(({ name }) => !hasBeen(release, name));
  const environment = rungs[next]?.name;
  if (environment === undefined) return;
  const wanted = { service, environment, version, kind: 'release' as const, image };
  if (standingProblem(wanted, draft.facts) !== undefined) return;
  climb(draft, version, rungs[next - 1]?.name);
  advance(draft, releaseSubject(release));
}

const hasBeen = ({ standings }: Release, environment: string): boolean =>
  ['live', 'previous', 'retired'].includes(standings[environment]?.standing ?? '');
