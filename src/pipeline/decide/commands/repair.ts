import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { Draft } from '../draft.ts';
import { findEnvironment } from './find.ts';

/** A person has looked why instances end, and lets the clock replace them again. */
export function allowRepairs(draft: Draft, command: PipelineCommand & { do: 'allow repairs' }): Answer {
  const { service, environment, by } = command;
  const no = draft.may(command, 'bake', environment);
  if (no !== undefined) return no;
  const plan = findEnvironment(draft, environment);
  if (isRefusal(plan)) return plan;
  if (draft.facts.slots.get(environment)?.repairs?.stopped !== true) {
    const sentence = `Nothing is stopped: what ends in ${environment} is replaced within a minute.`;
    return refuse('nothing to do', sentence);
  }
  draft.emit({ type: 'RepairsAllowed', service, environment, by });
  return { accepted: true, sentence: `What is missing of ${service} in ${environment} is replaced now.` };
}
