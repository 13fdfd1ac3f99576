import { type Actor, actorKey } from './actor.ts';
import type { Right, ServicePolicy } from './policy.ts';

const verbs: Record<Right, string> = {
  bake: 'release',
  approve: 'approve',
  rollback: 'roll back',
  retire: 'retire old versions of',
};

/**
 * Why an actor may not do this, as a sentence; undefined when he may. People are known by team and user id of the
 * verified request, never by a name. Webhooks and the clock may start a release; only people approve.
 */
export function rightProblem(actor: Actor, right: Right, policy: ServicePolicy): string | undefined {
  if (actor.kind === 'webhook' || actor.kind === 'poll' || actor.kind === 'clock') {
    return right === 'approve' ? 'Only a person can approve.' : undefined;
  }
  if (actor.kind === 'operator') {
    return right === 'approve'
      ? 'An operator at the command line cannot approve. Approve in Slack.'
      : undefined;
  }
  const allowed = policy.people[right];
  if (allowed.includes('*') || allowed.includes(actorKey(actor))) return undefined;
  const who =
    allowed.length === 0 ? 'Nobody may yet' : `These people may: ${allowed.map(mention).join(', ')}`;
  return `You may not ${verbs[right]} ${policy.service}. ${who}.`;
}

/** A person as Slack shows it. The key is `team/user`. */
export const mention = (key: string): string =>
  key === '*' ? 'everybody' : `<@${key.slice(key.indexOf('/') + 1)}>`;
