import { type Answer, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import { freezesNow } from '../../domain/freeze.ts';
import type { Freeze } from '../../domain/installation.ts';
import { inWords } from '../../domain/lock.ts';
import type { At, Millis } from '../../domain/time.ts';
import type { Draft } from '../draft.ts';
import { wakeSlot } from './lock.ts';

const longestFreeze: Millis = 60 * 24 * 3_600_000;

/** Nothing new of a service goes to where people have to agree, until then. */
export function freeze(draft: Draft, command: PipelineCommand & { do: 'freeze' }): Answer {
  const { service, by, reason, until } = command;
  const no = draft.may(command, 'lock') ?? freezeProblem(reason, until, draft.now);
  if (no !== undefined) return no;
  draft.emit({
    type: 'FreezeOrdered',
    service,
    freeze: freezeFrom(draft, { scope: service, by, reason, until }),
  });
  wakeAll(draft);
  return {
    accepted: true,
    sentence: `${service} is frozen for ${inWords(until - draft.now)}. Rollbacks are allowed; approvals that had been given are void.`,
  };
}

export function unfreeze(draft: Draft, command: PipelineCommand & { do: 'unfreeze' }): Answer {
  const { service, by } = command;
  const no = draft.may(command, 'lock');
  if (no !== undefined) return no;
  if (!draft.facts.installation.freezes.some(({ scope, until }) => scope === service && until > draft.now)) {
    return refuse('nothing to do', `Nobody has frozen ${service}.${others(draft)}`);
  }
  draft.emit({ type: 'FreezeLifted', service, by });
  wakeAll(draft);
  return { accepted: true, sentence: `The freeze of ${service} is over.${others(draft)}` };
}

/** A freeze begins or ends: what waits is looked at again. */
export function wakeAll(draft: Draft): void {
  for (const { name } of draft.facts.policy.environments) wakeSlot(draft, name);
}

/** Why a freeze cannot be ordered so; undefined when it can. */
export function freezeProblem(reason: string, until: At, now: At): Refusal | undefined {
  if (reason.trim() === '') return refuse('bad input', 'A freeze needs a reason, in quotes.');
  return until <= now || until - now > longestFreeze
    ? refuse('bad input', `A freeze ends in the future, and lasts at most ${inWords(longestFreeze)}.`)
    : undefined;
}

/** The freeze as it is written down. */
export const freezeFrom = (
  draft: { now: At; text(words: string): string },
  { scope, by, reason, until }: { scope: string; by: PipelineCommand['by']; reason: string; until: At },
): Freeze => ({
  id: `${scope}.${draft.now}`,
  scope,
  since: draft.now,
  until,
  by,
  reason: draft.text(reason.trim()),
});

function others(draft: Draft): string {
  const [other] = freezesNow(draft.facts, draft.now);
  if (other === undefined) return '';
  return other.by === undefined
    ? ` The window ${other.name ?? ''} of the configuration still holds.`
    : ' The freeze of all services still holds.';
}
