import { askedToday } from '../../domain/asked-today.ts';
import { type Deployment, isDeploymentOver } from '../../domain/deployment.ts';
import { freezeInWords, freezeOf } from '../../domain/freeze.ts';
import { groupOf, isAgreedTo } from '../../domain/gate.ts';
import type { GroupRelease, GroupRun } from '../../domain/group.ts';
import { lockInWords } from '../../domain/lock.ts';
import type { Release } from '../../domain/release.ts';
import { standingProblem } from '../../domain/standing.ts';
import type { Draft } from '../draft.ts';
import type { GroupDraft } from './group-draft.ts';

/** One service of a group's release in an environment, as all rules of groups look at it. */
export interface Seat {
  service: string;
  version: number;
  draft: Draft;
  release: Release | undefined;
  deployment: Deployment | undefined;
  isLive: boolean;
  /** Somebody put a newer one there meanwhile. */
  hasMovedOn: boolean;
  turned: boolean;
  done: boolean;
}

/** The members of a group's release in an environment, in order; those that the files do not know any more are left out. */
export function seatsOf(draft: GroupDraft, row: GroupRelease, where: string): Seat[] {
  const run = row.runs[where];
  return row.members.flatMap(({ service, version }): Seat[] => {
    const of = draft.member(service);
    if (of === undefined) return [];
    const seat = run?.seats[service];
    const { facts } = of;
    const live = facts.slots.get(where)?.live?.version;
    const deployment =
      seat?.deployment === undefined
        ? waitingThere(of, row, where, version)
        : facts.deployments.get(seat.deployment);
    return [
      {
        ...{ service, version, draft: of, deployment },
        release: facts.releases.get(version),
        isLive: live === version,
        hasMovedOn: live !== undefined && live > version,
        turned: seat?.turnAt !== undefined,
        done: seat?.doneAt !== undefined,
      },
    ];
  });
}

/** Its deployment there that goes with this release of the group. */
function waitingThere(
  { facts }: Draft,
  { group, number }: GroupRelease,
  where: string,
  version: number,
): Deployment | undefined {
  const release = facts.releases.get(version);
  const open = facts.slots.get(where)?.open ?? [];
  return open
    .flatMap((id) => facts.deployments.get(id) ?? [])
    .find((one) => {
      const goesWith = one.version === version ? groupOf(one, release) : undefined;
      return goesWith?.group === group && goesWith.number === number;
    });
}

/** Whether people have agreed to it, or need not. */
export const isAgreed = ({ deployment, draft, isLive }: Seat): boolean =>
  deployment === undefined ? isLive : isAgreedTo(askedToday(deployment, draft.facts.policy));

/** Whether somebody has to say yes to it. */
export const isAskedFor = (seat: Seat): boolean =>
  !isAgreed(seat) && seat.deployment?.state === 'running' && seat.deployment.stage === 'approve';

/** What holds it back now, in words, and with it the whole group; undefined when nothing does. */
export function heldBy({ deployment, draft, service }: Seat, where: string): string | undefined {
  if (deployment === undefined || deployment.wentLive || deployment.override !== undefined) return undefined;
  const { facts, now } = draft;
  const standing = standingProblem(deployment, facts);
  if (standing !== undefined) return `${service}: ${standing}`;
  const freeze = freezeOf(facts, where, now);
  if (freeze !== undefined)
    return `${service}: ${freezeInWords(where, freeze, { now, workspace: facts.policy.workspace })}`;
  const lock = facts.slots.get(where)?.lock;
  return lock === undefined ? undefined : `${service}: ${lockInWords(where, lock, now)}`;
}

/** It has its traffic, and its own soak is behind it. */
export const hasSoaked = ({ deployment, isLive }: Seat): boolean =>
  isLive &&
  (deployment === undefined ||
    (deployment.wentLive && ['passed', 'skipped'].includes(deployment.stages.soak.state)));

/** How it came to nothing; undefined while something may still come of it. */
export function failureOf(seat: Seat): string | undefined {
  const { deployment, isLive, hasMovedOn, done, release } = seat;
  if (done) return isLive || hasMovedOn ? undefined : 'not live any more';
  if (deployment === undefined) {
    if (isLive) return undefined;
    if (release?.supersededBy !== undefined) return 'superseded';
    return release !== undefined && ['cancelled', 'superseded'].includes(release.state)
      ? release.state
      : undefined;
  }
  if (deployment.endsAs !== undefined) return deployment.endsAs;
  return isDeploymentOver(deployment) && !isLive ? 'not live any more' : undefined;
}

/** Whether what had to be undone of it is. */
export const isAtRest = ({ deployment }: Seat): boolean =>
  deployment === undefined || deployment.state === 'running' || isDeploymentOver(deployment);

/** Whether a run has anything that people may still decide on. */
export const isBeforeItsEnd = (run: GroupRun | undefined): run is GroupRun =>
  run?.state === 'asking' || run?.state === 'rolling out';
