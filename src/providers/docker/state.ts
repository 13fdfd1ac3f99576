import type { ContainerInspectInfo } from 'dockerode';
import { ProviderError } from '../../pipeline/provider.ts';

/** What an engine's own word for a container's state means. */
export type Standing = 'made' | 'runs' | 'ended' | 'going';

/** Throws `unexpected state` for what nobody waits through: a paused container, or a word that is not known. */
export function standingOf({ Name, State }: ContainerInspectInfo): Standing {
  switch (State.Status) {
    case 'created':
      return 'made';
    case 'running':
      return 'runs';
    case 'restarting':
    case 'exited':
      return 'ended';
    case 'dead':
    case 'removing':
      return 'going';
    default:
      throw new ProviderError(
        'unexpected state',
        `The container ${Name.slice(1)} is ${State.Status}, which Bakery never does. Nothing was changed; look who did, and unpause it.`,
      );
  }
}

/** Why it ended, as the end of a sentence. */
export function endOf({ State, HostConfig }: ContainerInspectInfo): string {
  if (State.OOMKilled)
    return `was killed because it used more than its ${Math.round((HostConfig.Memory ?? 0) / 1024 ** 2)} MB of memory`;
  if (State.Error !== '') return `could not be started (${State.Error.slice(0, 300)})`;
  return `ended by itself with exit code ${State.ExitCode}`;
}
