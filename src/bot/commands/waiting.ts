import type { Deployment } from '../../pipeline/domain/deployment.ts';
import type { ServiceView } from '../../pipeline/views.ts';
import type { Bot } from '../asked.ts';
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

/** When nothing of it waits for a word of its own: what goes together is asked for on the card of its group. */
export function nothingWaits(
  { pipeline: { query } }: Pick<Bot, 'pipeline'>,
  view: ServiceView | undefined,
  { service, version, environment }: Which,
): Drawn {
  const together = (view?.open.deployments ?? []).find(
    ({ wait, ...one }) => wait?.for === 'group' && (environment ?? one.environment) === one.environment,
  );
  const group = query
    .groups()
    .find(
      ({ services, environments }) =>
        services.includes(service) && environments.includes(together?.environment ?? ''),
    )?.group;
  if (together !== undefined && group !== undefined)
    return sentence(
      `v${together.version} of ${oneLine(service)} goes to ${oneLine(together.environment, 40)} with its group *${oneLine(group, 60)}*: \`/bake approve ${oneLine(group, 60)}\` shows the one question for all of them.`,
    );
  const name = `${oneLine(service)}${version === undefined ? '' : ` v${version}`}`;
  const where = environment === undefined ? '' : ` for ${oneLine(environment, 40)}`;
  return sentence(
    `Nothing of ${name} waits for approval${where}. \`/bake why ${oneLine(service)}\` tells what it waits for.`,
  );
}
