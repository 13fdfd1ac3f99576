import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { Draft } from '../draft.ts';
import { findRelease } from './find.ts';

/** Pins a release's image, so that neither age nor count lets it go; or lets go of the pin. */
export function keepImage(draft: Draft, command: PipelineCommand & { do: 'keep' }): Answer {
  const { service, version, by, pinned } = command;
  const no = draft.may(command, 'bake');
  if (no !== undefined) return no;
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  if (release.image === undefined || release.imageRemovedAt !== undefined) {
    return refuse('too late', `There is no image of ${service} v${version} to keep. ${rebake(service)}`);
  }
  if ((release.kept !== undefined) === pinned) {
    const state = pinned ? 'is kept already' : 'is not pinned';
    return refuse('nothing to do', `The image of ${service} v${version} ${state}.`);
  }
  draft.emit(
    pinned ? { type: 'ImageKept', service, version, by } : { type: 'ImageNotKept', service, version, by },
  );
  const what = pinned ? 'is kept until somebody says otherwise' : 'goes when nothing else keeps it';
  return { accepted: true, version, sentence: `The image of ${service} v${version} ${what}.` };
}

const rebake = (service: string): string => `/bake ${service} with its commit makes one again.`;
