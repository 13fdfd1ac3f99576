import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../domain/command.ts';
import type { InstallationEvent } from '../domain/event.ts';
import type { Grant } from '../domain/grant.ts';
import type { Installation } from '../domain/installation.ts';
import { inWords } from '../domain/lock.ts';
import type { People } from '../domain/policy.ts';
import { administration, administrators, shownTo } from '../domain/rights.ts';
import type { At, TextRef } from '../domain/time.ts';
import { freezeFrom, freezeProblem } from './commands/freeze.ts';

export interface InstallationFacts {
  installation: Installation;
  admins: People | undefined;
  textRef(text: string): TextRef;
}

/** What was decided for the whole installation. */
export interface InstallationDecision {
  events: InstallationEvent[];
  texts: Record<TextRef, string>;
  grants: Grant[];
  answer: Answer;
}

type Command = PipelineCommand & { service: 'all'; do: 'claim' | 'freeze all' | 'unfreeze all' };

/** Decides what is about no single service: pure, as `decide` is. */
export function decideInstallation(
  facts: InstallationFacts,
  command: Command,
  now: At,
): InstallationDecision | Refusal {
  if (command.do === 'claim') return claim(facts, command);
  const grant = administration(command, facts.admins, facts.installation);
  if (isRefusal(grant)) return grant;
  const texts: Record<TextRef, string> = {};
  const text = (words: string): TextRef => {
    const ref = facts.textRef(words);
    texts[ref] = words;
    return ref;
  };
  if (command.do === 'unfreeze all') return { ...unfreezeAll(facts, command, now), texts, grants: [grant] };
  const { by, reason, until } = command;
  const problem = freezeProblem(reason, until, now);
  if (problem !== undefined) return problem;
  const made = freezeFrom({ now, text }, { scope: 'all', by, reason, until });
  return {
    events: [{ type: 'FreezeOrdered', service: 'all', freeze: made }],
    texts,
    grants: [grant],
    answer: {
      accepted: true,
      sentence: `Everything is frozen for ${inWords(until - now)}. Rollbacks are allowed; approvals that had been given are void.`,
    },
  };
}

/** The code was compared before: who shows it first is the administrator, as long as bot.yaml names none. */
function claim({ installation, admins }: InstallationFacts, { by }: Command): InstallationDecision | Refusal {
  if (by.kind !== 'person') return refuse('not allowed', 'Bakery is claimed in Slack, by a person.');
  const known = administrators(admins, installation);
  if (known.length > 0) {
    return refuse('already decided', `Bakery has its administrators already. ${shownTo(by, known)}`);
  }
  return {
    events: [{ type: 'InstallationClaimed', service: 'all', by }],
    texts: {},
    grants: [{ right: 'administer', through: 'one-time code' }],
    answer: {
      accepted: true,
      sentence:
        'Bakery is yours: you hold every right that its files give to nobody. Name `admins` in bot.yaml to share it.',
    },
  };
}

function unfreezeAll(
  { installation }: InstallationFacts,
  { by }: Command,
  now: At,
): Pick<InstallationDecision, 'events' | 'answer'> {
  if (!installation.freezes.some(({ scope, until }) => scope === 'all' && until > now)) {
    return { events: [], answer: refuse('nothing to do', 'Nobody has frozen all services.') };
  }
  return {
    events: [{ type: 'FreezeLifted', service: 'all', by }],
    answer: { accepted: true, sentence: 'The freeze of all services is over.' },
  };
}
