import { actorKey } from '../../pipeline/domain/actor.ts';
import { notCounted } from '../../pipeline/domain/consent.ts';
import { type Asking, isKnownToHold } from '../../pipeline/domain/rights.ts';
import type { GroupView } from '../../pipeline/views.ts';
import type { Button } from './button.ts';
import { oneLine } from './format.ts';
import { askedFor, groupButtons } from './group-buttons.ts';
import { groupWords, placeOf } from './group-words.ts';

/** Whether this person's yes to any of it is wanted and would count. */
export function asksYou(view: GroupView, person: Asking): boolean {
  const where = placeOf(view.release);
  return askedFor(view).some(({ policy, deployments, release, wroteIt = [] }) => {
    const deployment = deployments[where];
    if (policy === undefined || deployment === undefined) return false;
    const me = actorKey(person.by);
    const wrote = !deployment.plan.selfApproval && wroteIt.includes(me);
    const counts = !wrote && notCounted(deployment, release, person.by, undefined) === undefined;
    const done = deployment.approvals.some(({ by }) => actorKey(by) === me);
    return counts && !done && isKnownToHold(person, 'approve', policy, where);
  });
}

/** A group's release in one line, with what can be done. */
export function lineOfGroup(view: GroupView): { text: string; buttons: Button[] } {
  const { release, members } = view;
  const { sign, words } = groupWords(release);
  const of = members.map(({ service, version }) => `${service} v${version}`).join(', ');
  return {
    text: `${sign} *${oneLine(release.group, 60)} v${release.number}* ${oneLine(words, 120)}: ${oneLine(of, 300)}`,
    buttons: groupButtons(view),
  };
}
