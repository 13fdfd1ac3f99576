import type { ContainerInspectInfo } from 'dockerode';
import type { HealthCheck } from '../../pipeline/domain/service-file.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { askInstance } from '../ask-health.ts';

/**
 * Why a container that runs is not well; undefined when it is. By HTTP, by its port, or by what its engine found with
 * the image's own HEALTHCHECK. Throws `bad service file` when that is asked for and the image has none.
 */
export async function whyUnwell(
  seen: ContainerInspectInfo,
  address: string,
  health: Pick<HealthCheck, 'path' | 'by'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (health.by !== 'image') return askInstance(address, health, signal);
  const found = seen.State.Health;
  if (found === undefined)
    throw new ProviderError(
      'bad service file',
      'health.by is `image`, and the image has no HEALTHCHECK. It got no traffic; add one to the Dockerfile, or use http or tcp.',
    );
  if (found.Status === 'healthy') return undefined;
  const last = found.Log?.at(-1)?.Output.trim().slice(0, 200) ?? '';
  return `its HEALTHCHECK says ${found.Status}${last === '' ? '' : `: ${last}`}`;
}
