import { ProviderError } from '../../pipeline/provider.ts';
import { key } from './marks.ts';
import type { Server } from './servers.ts';

/** What Nova's words for a server mean for Bakery. */
export type Standing = 'made' | 'on' | 'off' | 'failed' | 'going';

/**
 * `on` includes what the cloud's operators do to running servers: resizes, live migrations. Throws `unexpected state`
 * for what nobody waits through: paused, suspended, shelved, in rescue, or a word that is not known.
 */
export function standingOf({ id, status, task }: Pick<Server, 'id' | 'status' | 'task'>): Standing {
  if (task === 'deleting' || task === 'soft-deleting') return 'going';
  switch (status) {
    case 'BUILD':
    case 'REBUILD':
      return 'made';
    case 'ACTIVE':
    case 'PASSWORD':
    case 'REBOOT':
    case 'HARD_REBOOT':
    case 'MIGRATING':
    case 'RESIZE':
    case 'VERIFY_RESIZE':
    case 'REVERT_RESIZE':
      return 'on';
    case 'SHUTOFF':
      return 'off';
    case 'ERROR':
      return 'failed';
    case 'DELETED':
    case 'SOFT_DELETED':
      return 'going';
    default:
      throw new ProviderError(
        'unexpected state',
        `The server ${id} is ${status}, which Bakery never does. Nothing was changed; look who did, and bring it back.`,
      );
  }
}

/** Told to end: it comes back no more. */
export const isEnding = (server: Server): boolean =>
  server.metadata?.[key.ended] !== undefined || standingOf(server) === 'going';

/** A server that Nova gave up, in Nova's own words. */
export const failedServer = ({ id, fault }: Server): ProviderError =>
  new ProviderError(
    'unexpected state',
    `Nova gave up the server ${id}: ${fault?.message.trim() || 'it does not say why'}. It got no traffic; look at the cloud's capacity and quotas, then retry.`,
  );
