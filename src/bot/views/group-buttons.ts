import { mayServe } from '../../pipeline/domain/deployment.ts';
import { waitsWithGroup } from '../../pipeline/domain/gate.ts';
import { isUnderWay } from '../../pipeline/domain/group.ts';
import type { GroupMemberView, GroupView } from '../../pipeline/views.ts';
import type { Button } from './button.ts';
import { inWords, oneLine, shorten } from './format.ts';
import { whatWaits } from './group-what-waits.ts';
import { placeOf } from './group-words.ts';

/** The services of it that somebody has to agree to now. */
export const askedFor = (view: GroupView, where = placeOf(view.release)): GroupMemberView[] =>
  view.release.state === 'open' && ['asking', 'rolling out'].includes(view.release.runs[where]?.state ?? '')
    ? view.members.filter(({ deployments }) => deployments[where] && waitsWithGroup(deployments[where]))
    : [];

/** The buttons of a group's release that can be used now. */
export function groupButtons(view: GroupView): Button[] {
  return [...decisionButtons(view), ...backButton(view), ...cancelButton(view), ...againButton(view)];
}

const nameOf = ({ release }: GroupView): string => `${release.group} v${release.number}`;

function decisionButtons(view: GroupView): Button[] {
  const { release, members } = view;
  const where = placeOf(release);
  if (askedFor(view).length === 0) return [];
  const value = { service: release.group, version: release.number, environment: where };
  const name = nameOf(view);
  const order = members
    .filter(({ deployments }) => deployments[where]?.stage === 'approve')
    .map(({ service, version }) => `${service} v${version}`);
  return [
    {
      id: 'approve-group',
      label: 'Approve all',
      says: `Approve ${name} for ${where}`,
      value: { ...value, what: whatWaits(view, where) },
      style: 'primary',
      confirm: {
        title: shorten(`Approve ${name}?`, 90),
        text: shorten(
          `To *${oneLine(where, 40)}*, one after the other: ${oneLine(inWords(order, 'then'), 180)}. If one fails, all go back.`,
          290,
        ),
        yes: 'Approve all',
        no: 'Not yet',
      },
    },
    { id: 'reject-group', label: 'Reject…', says: `Reject ${name} for ${where}`, value, style: 'danger' },
  ];
}

/** Back to what ran before it, in reverse, as long as nothing newer of the group has come there. */
function backButton(view: GroupView): Button[] {
  const { release, members } = view;
  const where = placeOf(release);
  const run = release.runs[where];
  const isLive = members.some(({ slots, version }) => slots[where]?.live?.version === version);
  const isNewest = members.every(({ slots, version }) => (slots[where]?.live?.version ?? 0) <= version);
  if (!isLive || !isNewest || (run?.state !== 'finished' && run?.state !== 'rolling out')) return [];
  return [
    {
      id: 'roll-back-group',
      label: 'Roll back all',
      says: `Roll ${nameOf(view)} back in ${where}`,
      value: { service: release.group, environment: where },
      style: 'danger',
      confirm: {
        title: shorten(`Roll ${nameOf(view)} back?`, 90),
        text: shorten(
          `In *${oneLine(where, 40)}*, last one first: ${oneLine(inWords(members.map(({ service }) => service).toReversed(), 'then'), 180)}.`,
          290,
        ),
        yes: 'Roll back all',
        no: 'Leave it',
      },
    },
  ];
}

function cancelButton(view: GroupView): Button[] {
  const { release, members } = view;
  const where = placeOf(release);
  const run = release.runs[where];
  const moves = members.some(({ deployments }) => deployments[where] && mayServe(deployments[where]));
  if (release.state !== 'open' || run?.state === 'going back' || (run && isUnderWay(run) && moves)) return [];
  return [
    {
      id: 'cancel-group',
      label: 'Cancel all',
      says: `Cancel ${nameOf(view)}`,
      value: { service: release.group, version: release.number },
      confirm: {
        title: shorten(`Cancel ${nameOf(view)}?`, 90),
        text: 'Its releases that are still made are stopped, and those that wait go nowhere. What is live stays as it is.',
        yes: 'Cancel all',
        no: 'Let it go on',
      },
    },
  ];
}

function againButton(view: GroupView): Button[] {
  const { release } = view;
  const where = placeOf(release);
  const isOver = release.state === 'ended' || release.state === 'cancelled';
  if (!isOver || release.runs[where] === undefined || release.runs[where].state === 'gathering') return [];
  return [
    {
      id: 'deploy-group',
      label: 'Ask again',
      says: `Ask for ${nameOf(view)} in ${where} again`,
      value: { service: release.group, version: release.number, environment: where },
    },
  ];
}
