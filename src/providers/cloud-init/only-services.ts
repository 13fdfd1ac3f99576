import { type LaunchOrder, ProviderError } from '../../pipeline/provider.ts';

/**
 * A machine tells how a command ended through its console alone, which some clouds show minutes late and cut: too little to
 * know by whether a database was changed.
 */
export function refuseToRunOnce({ spec }: LaunchOrder): void {
  if (spec.once === true)
    throw new ProviderError(
      'denied',
      'Machines of this cloud run services, and no command to its end: the migration of bakery.yaml cannot run here. Nothing was started and no database was changed; run it in the outside CI or by hand, and release without `migrate`.',
    );
}
