import { type Refusal, refuse } from '../../domain/command.ts';
import type { GroupRelease } from '../../domain/group.ts';
import type { GroupDraft } from './group-draft.ts';

export function findGroup(draft: GroupDraft, number: number): GroupRelease | Refusal {
  const { nextNumber, policy } = draft.facts;
  const newest = nextNumber > 1 ? `The newest is v${nextNumber - 1}.` : 'It has no releases yet.';
  return (
    draft.release(number) ?? refuse('unknown version', `There is no ${policy.group} v${number}. ${newest}`)
  );
}

/** Why the group does not go together there; undefined when it does. */
export function whereProblem({ policy }: GroupDraft, environment: string): Refusal | undefined {
  const { group, environments } = policy;
  return environments.includes(environment)
    ? undefined
    : refuse(
        'unknown environment',
        `${group} goes together to ${environments.join(', ')}. Elsewhere each of ${policy.services.join(', ')} goes on its own.`,
      );
}
