import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import { type GroupRelease, type GroupStepBack, turned } from '../../domain/group.ts';
import { aboutGroup } from './about.ts';
import { callOff, stepTo } from './back.ts';
import { findGroup, whereProblem } from './find.ts';
import type { GroupDraft } from './group-draft.ts';
import { stepGroup } from './step.ts';

type Command = PipelineCommand & { do: 'roll back group' };

/**
 * Goes back in reverse order: from the newest release of the group that has begun there to what ran before it, or to what
 * ran when the named one was through. It does not wait, and needs the right for each that it moves.
 */
export function rollBackGroup(draft: GroupDraft, command: Command): Answer {
  const { service: group, environment: where, by, reason } = command;
  const elsewhere = whereProblem(draft, where);
  if (elsewhere !== undefined) return elsewhere;
  const row = draft.releases.find(({ runs }) =>
    ['rolling out', 'going back', 'finished'].includes(runs[where]?.state ?? ''),
  );
  const run = row?.runs[where];
  if (row === undefined || run === undefined)
    return refuse(
      'nothing to do',
      `Nothing of ${group} went to ${where} together yet, so there is nothing to go back from.`,
    );
  if (run.state === 'going back')
    return refuse(
      'already there',
      `${group} v${row.number} goes back in ${where} already. Its card shows how far it is.`,
    );
  const steps = stepsBack(draft, row, command);
  if (isRefusal(steps)) return steps;
  for (const { member } of steps) {
    const no = draft.member(member)?.may(command, 'rollback', where);
    if (no !== undefined) return no;
  }
  draft.emit({
    type: 'GroupGoingBack',
    ...aboutGroup(row),
    ...{ where, by, steps },
    ...(reason === undefined ? {} : { reason: draft.text(reason) }),
  });
  callOff(draft, row, where, by, 'it goes back');
  stepGroup(draft, row.number);
  const names = steps
    .map(({ member, to }) => (to === undefined ? member : `${member} to v${to}`))
    .join(', then ');
  return {
    accepted: true,
    version: row.number,
    sentence: `${group} v${row.number} goes back in ${where}: ${names}.`,
  };
}

function stepsBack(draft: GroupDraft, row: GroupRelease, command: Command): GroupStepBack[] | Refusal {
  const { environment: where, version, service: group } = command;
  const run = row.runs[where];
  if (run === undefined) return [];
  if (version === undefined)
    return turned(row, run).map(({ service }) => stepTo(service, run.before?.[service]));
  const target = findGroup(draft, version);
  if (isRefusal(target)) return target;
  const after = target.runs[where]?.after;
  if (after === undefined || version > row.number)
    return refuse(
      'never went live',
      `${group} v${version} was never whole in ${where} before v${row.number}.`,
    );
  const order = draft.policy.services.toReversed();
  const steps = order.flatMap((service): GroupStepBack[] => {
    const live = draft.member(service)?.facts.slots.get(where)?.live?.version;
    const to = after[service];
    const isInFlight = run.state === 'rolling out' && run.seats[service]?.turnAt !== undefined;
    return to === undefined || (live === to && !isInFlight) ? [] : [stepTo(service, to)];
  });
  if (steps.length > 0) return steps;
  return refuse('already there', `${where} runs what ${group} v${version} was already.`);
}
