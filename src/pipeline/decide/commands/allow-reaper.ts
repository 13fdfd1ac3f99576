import { type Answer, type PipelineCommand, refuse } from '../../domain/command.ts';
import { stopInWords } from '../../domain/reaper.ts';
import type { Draft } from '../draft.ts';

/** A person has looked at what was found and lets the reaper go on. */
export function allowReaper(draft: Draft, command: PipelineCommand & { do: 'allow reaper' }): Answer {
  const { service, by } = command;
  const no = draft.may(command, 'retire');
  if (no !== undefined) return no;
  const stopped = draft.facts.service.reaperStopped;
  if (stopped === undefined) {
    return refuse('nothing to do', `The reaper works for ${service} already. See bakery reap --dry-run.`);
  }
  draft.emit({ type: 'ReaperAllowed', service, by });
  const why = stopInWords[stopped.because];
  return { accepted: true, sentence: `The reaper goes on for ${service}. It had stopped since ${why}.` };
}
