import type { Deployment } from '../../pipeline/domain/deployment.ts';
import type { ServiceView } from '../../pipeline/views.ts';
import { sentence } from '../views/blocks.ts';
import { waitsForApproval } from '../views/buttons.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';

/** Which of what waits for approval is meant. */
export interface Which {
  service: string;
  version?: number;
  environment?: string;
}

/** The deployments of a service that wait for approval, and that were meant. */
export const waiting = (view: ServiceView | undefined, { version, environment }: Which): Deployment[] =>
  (view?.open.deployments ?? [])
    .filter(waitsForApproval)
    .filter((one) => version === undefined || one.version === version)
    .filter((one) => environment === undefined || one.environment === environment);

/** Whether a line has to say where: production is never meant in silence. */
export const mustSayWhere = (view: ServiceView | undefined, environment: string | undefined): boolean =>
  environment === undefined && (view?.policy.environments.length ?? 0) > 1;

/** When nothing waits. */
export function nothingWaits({ service, version, environment }: Which): Drawn {
  const name = `${oneLine(service)}${version === undefined ? '' : ` v${version}`}`;
  const where = environment === undefined ? '' : ` for ${oneLine(environment, 40)}`;
  return sentence(
    `Nothing of ${name} waits for approval${where}. \`/bake why ${oneLine(service)}\` tells what it waits for.`,
  );
}
