import { type Answer, type PipelineCommand, refuse } from '../../domain/command.ts';
import { stopInWords } from '../../domain/reaper.ts';
import { rightProblem } from '../../domain/rights.ts';
import type { Draft } from '../draft.ts';

/** A person has looked at what was found and lets the reaper go on. */
export function allowReaper(draft: Draft, command: PipelineCommand & { do: 'allow reaper' }): Answer {
  const { service, by } = command;
  const problem = rightProblem(by, 'retire', draft.facts.policy);
  if (problem !== undefined) return refuse('not allowed', problem);
  const stopped = draft.facts.service.reaperStopped;
  if (stopped === undefined) {
    return refuse('nothing to do', `The reaper works for ${service} already. See bakery reap --dry-run.`);
  }
  draft.emit({ type: 'ReaperAllowed', service, by });
  const why = stopInWords[stopped.because];
  return { accepted: true, sentence: `The reaper goes on for ${service}. It had stopped since ${why}.` };
}
