import {
  type Answer,
  type GroupCommand,
  isRefusal,
  type PipelineCommand,
  type Refusal,
  refuse,
} from '../../domain/command.ts';
import type { GroupRelease } from '../../domain/group.ts';
import type { GroupEvent } from '../../domain/group-event.ts';
import type { At } from '../../domain/time.ts';
import { aboutGroup } from './about.ts';
import { cancelGroup, deployGroup } from './call-off.ts';
import { approveGroup, rejectGroup } from './consent.ts';
import { type GroupDecision, GroupDraft, type GroupFacts } from './group-draft.ts';
import { remindOf } from './remind.ts';
import { requestGroup } from './request.ts';
import { rollBackGroup } from './roll-back.ts';
import { stepGroup } from './step.ts';

export type ForGroup = Extract<PipelineCommand, GroupCommand>;

/** Decides a command about a group: pure. A refusal is a value; nothing of a refused command is kept. */
export function decideGroup(facts: GroupFacts, command: ForGroup, now: At): GroupDecision | Refusal {
  const draft = new GroupDraft(facts, now);
  if (isRestoring(facts))
    return refuse(
      'too early',
      `The ledger was restored, and Bakery is looking what there is of ${facts.policy.group} in the clouds. Nothing was changed; try again in a minute.`,
    );
  const answer = answerTo(draft, command);
  return isRefusal(answer) ? answer : draft.decision(answer);
}

function answerTo(draft: GroupDraft, command: ForGroup): Answer {
  switch (command.do) {
    case 'request group':
      return requestGroup(draft, command);
    case 'approve group':
      return approveGroup(draft, command);
    case 'reject group':
      return rejectGroup(draft, command);
    case 'cancel group':
      return cancelGroup(draft, command);
    case 'deploy group':
      return deployGroup(draft, command);
    case 'roll back group':
      return rollBackGroup(draft, command);
  }
}

/** What has become of a group's releases since they were looked at last, and what follows from it. */
export function lookAtGroup(facts: GroupFacts, now: At): GroupDecision {
  const draft = new GroupDraft(facts, now);
  if (isRestoring(facts))
    return draft.decision({ accepted: true, sentence: 'The clouds are looked at first.' });
  // Oldest first: what has begun goes before what waits for it.
  for (const { number } of draft.releases.toReversed()) stepGroup(draft, number);
  remindOf(draft);
  return draft.decision({ accepted: true, sentence: `Looked at ${facts.policy.group}.` });
}

/** What a service runs is not known before the clouds were looked at. */
const isRestoring = ({ members }: GroupFacts): boolean =>
  [...members.values()].some(({ service }) => service.restoring !== undefined);

/** What a restore means for the releases of groups that were under way: nothing of them goes on by itself. */
export const groupsRestored = (open: readonly GroupRelease[]): GroupEvent[] =>
  open.map(({ group, number }) => ({ type: 'GroupOver', ...aboutGroup({ group, number }), as: 'ended' }));
