import { type Answer, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import type { Deployment } from '../../domain/deployment.ts';
import { isOver, type Release } from '../../domain/release.ts';
import { releaseSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { type Draft, firstGeneration } from '../draft.ts';
import { keepsItsPlace, overtake } from '../ladder.ts';
import { letNoMoreGo } from '../let-go.ts';

/** A new release of a commit. Older ones that it holds in its history and that are still before approval are superseded. */
export function requestRelease(draft: Draft, command: PipelineCommand & { do: 'request release' }): Answer {
  const { service, commit, by, onlyNew, hotfix, submitted } = command;
  const no = draft.may(command, 'bake') ?? builtElsewhere(draft, command);
  if (no !== undefined) return no;
  const same = sameCommit(draft, commit.sha, onlyNew ?? false);
  if (same !== undefined) return refuse('already there', describe(same));

  const version = draft.facts.service.nextVersion;
  const { subject, author, email, isTag } = commit;
  draft.emit({
    type: 'ReleaseRequested',
    service,
    version,
    by,
    ...(hotfix === undefined ? {} : { hotfix: draft.text(hotfix) }),
    ...(submitted === undefined ? {} : { submitted }),
    ...firstGeneration(draft.facts),
    commit: {
      sha: commit.sha,
      ref: commit.ref,
      subject: draft.text(subject),
      author: draft.text(author),
      email: draft.text(email),
      ...(command.pushedBy === undefined ? {} : { pushedBy: draft.text(command.pushedBy) }),
      ...(isTag === true ? { isTag } : {}),
    },
  });
  letNoMoreGo(draft);
  supersede(draft, command, version);
  if (hotfix !== undefined) overtakeWaiting(draft, version);
  advance(draft, { kind: 'release', service, version });
  return { accepted: true, version, sentence: `${service} v${version} is on its way.` };
}

/** What an outside CI builds comes with its package, and nothing else does. */
function builtElsewhere(
  { facts }: Draft,
  command: PipelineCommand & { do: 'request release' },
): Refusal | undefined {
  const { service, submitted } = command;
  const isExternal = facts.policy.external !== undefined;
  if (isExternal === (submitted !== undefined)) return undefined;
  return isExternal
    ? refuse(
        'bad input',
        `${service} is built by an outside CI, which hands over each commit's package with \`bakery submit\`: run its pipeline for this commit.`,
      )
    : refuse(
        'bad input',
        `${service} is built by Bakery itself: its file has no \`external\`. Nothing was released.`,
      );
}

/** The newest release of this commit that counts: a failed one may be tried again by a person. */
export function sameCommit(draft: Draft, sha: string, onlyNew: boolean): Release | undefined {
  return [...draft.facts.releases.values()]
    .sort((a, b) => b.version - a.version)
    .find(
      (release) =>
        release.commit.sha === sha &&
        release.imageRemovedAt === undefined &&
        (onlyNew || !isOver(release) || release.state === 'production ready'),
    );
}

/** Nothing that waits for people is ended by a push where the environment says that it may wait on. */
const mayWaitOn = ({ state, plan, epoch, wait }: Deployment): boolean =>
  state === 'running' &&
  plan.promotion === 'approval' &&
  (plan.whenNewer ?? 'replace') !== 'replace' &&
  // Of a group the newest alone waits: its services are to fit together.
  wait?.for !== 'group' &&
  epoch === undefined;

const waitsOn = (draft: Draft, { version }: Release): boolean =>
  [...draft.facts.deployments.values()].some((one) => one.version === version && mayWaitOn(one));

/** It was agreed to and is being put on the highest rung: nothing is left that a newer one could take its place in. */
function isOnItsWay({ facts }: Draft, { version }: Release): boolean {
  const highest = facts.policy.environments.at(-1)?.name;
  return [...facts.deployments.values()].some(
    (one) =>
      one.version === version &&
      one.environment === highest &&
      one.kind === 'release' &&
      one.state === 'running' &&
      keepsItsPlace(one),
  );
}

function describe({ service, version, commit, state, stage }: Release): string {
  const what = `${commit.sha.slice(0, 7)} is ${service} v${version} already`;
  if (state === 'production ready') {
    return `${what}, and production ready. To put it somewhere, use /bake deploy ${service} v${version} <environment>.`;
  }
  return state === 'running' ? `${what}, at ${stage}. Its card shows how far it is.` : `${what} (${state}).`;
}

/** A hotfix does not queue: what waits for a person or for its turn, of any branch, gives way at once. */
function overtakeWaiting(draft: Draft, newer: number): void {
  for (const deployment of draft.facts.deployments.values()) {
    const waits =
      deployment.kind === 'release' && deployment.wait !== undefined && !keepsItsPlace(deployment);
    if (waits && deployment.version < newer) overtake(draft, deployment, `v${newer}`, newer);
  }
}

/** Where nobody could tell what lies behind what, a newer commit of the same branch counts as one that holds the older. */
function supersede(
  draft: Draft,
  { service, commit, behind = {} }: PipelineCommand & { do: 'request release' },
  newer: number,
): void {
  for (const release of draft.facts.releases.values()) {
    const counts = release.state === 'running' || release.state === 'production ready';
    const { sha, ref } = release.commit;
    const isBehind = behind[sha] ?? ref === commit.ref;
    const older = release.version < newer && isBehind && release.supersededBy === undefined;
    if (!counts || !older || release.closedAt !== undefined) continue;
    if (waitsOn(draft, release) || isOnItsWay(draft, release)) continue;
    draft.emit({ type: 'ReleaseOvertaken', service, version: release.version, newer });
    draft.stop(releaseSubject(release));
    draft.wake(releaseSubject(release));
    for (const deployment of draft.facts.deployments.values()) {
      if (mayWaitOn(deployment)) continue;
      const waits =
        deployment.version === release.version && deployment.kind === 'release' && !keepsItsPlace(deployment);
      if (waits) overtake(draft, deployment, `v${newer}`, newer);
    }
  }
}
