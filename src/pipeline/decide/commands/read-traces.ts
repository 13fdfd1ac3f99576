import { type Answer, isRefusal, type PipelineCommand } from '../../domain/command.ts';
import type { Draft } from '../draft.ts';
import { findRelease } from './find.ts';

/** A person wants to see where the traces of a release are. Nothing changes; who was shown them stands in the trail. */
export function readTraces(draft: Draft, command: PipelineCommand & { do: 'read traces' }): Answer {
  const { service, version } = command;
  const no = draft.may(command, 'trace');
  if (no !== undefined) return no;
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  return { accepted: true, version, sentence: `The traces of ${service} v${version} are shown to you.` };
}
