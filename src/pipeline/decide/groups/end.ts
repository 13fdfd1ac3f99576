import type { Actor } from '../../domain/actor.ts';
import { theClock } from '../../domain/actor.ts';
import { groupOf } from '../../domain/gate.ts';
import type { GroupEnding, GroupRelease } from '../../domain/group.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { aboutGroup } from './about.ts';
import type { GroupDraft } from './group-draft.ts';

interface Why {
  /** For people, on the card of each that is called off. */
  why: string;
  newer?: number;
  by?: Actor;
}

/** Nothing comes of a group's release any more: what of it waits is called off, and nothing of it climbs by itself. */
export function end(draft: GroupDraft, row: GroupRelease, as: GroupEnding, { why, newer, by }: Why): void {
  draft.emit({
    type: 'GroupOver',
    ...aboutGroup(row),
    as,
    ...(newer === undefined ? {} : { newer }),
    ...(by === undefined ? {} : { by }),
  });
  for (const { service, version } of row.members) {
    const member = draft.member(service);
    if (member !== undefined) leave(member, row, version, `${row.group} v${row.number}: ${why}`, by);
  }
}

/** A release leaves the group, unless it goes with another of its releases by now. */
function leave(
  draft: Draft,
  { group, number }: GroupRelease,
  version: number,
  why: string,
  by?: Actor,
): void {
  const release = draft.facts.releases.get(version);
  if (release?.goesWith?.group !== group || release.goesWith.number !== number) return;
  for (const one of draft.facts.deployments.values()) {
    const isMine = one.version === version && groupOf(one, release) !== undefined;
    if (!isMine || one.state !== 'running' || one.epoch !== undefined) continue;
    const reason = draft.text(why);
    draft.emit({ type: 'DeploymentCancelRequested', ...aboutOf(one), by: by ?? theClock, reason });
    draft.stop(deploymentSubject(one));
    advance(draft, deploymentSubject(one));
  }
  draft.emit({ type: 'ReleaseGroupEnded', service: release.service, version });
}
