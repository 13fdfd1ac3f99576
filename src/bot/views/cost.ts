import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { type Amount, type Prices, perHour, perMonth } from '../../pipeline/domain/price.ts';
import type { Retained } from '../../pipeline/domain/retention.ts';
import type { ReleaseView } from '../../pipeline/views.ts';
import { oneLine } from './format.ts';

/** On the card of what is live: what the release before it costs for as long as it runs beside. Only known prices. */
export function besideCost(
  { id, environment }: Pick<Deployment, 'id' | 'environment'>,
  { slots, policy }: Pick<ReleaseView, 'slots' | 'policy'>,
): string | undefined {
  const { live, beside } = slots[environment] ?? {};
  if (live?.deployment !== id || beside === undefined) return undefined;
  const cost = perHour(policy.prices, beside.instances);
  return cost === undefined
    ? undefined
    : `💰 v${beside.version} beside it costs about ${amount(cost)} an hour${dated(cost)}, until it is retired`;
}

/** What the images of a service cost, behind a sentence that counts them. An image of several releases costs once. */
export function imagesCost(prices: Prices | undefined, retained: readonly Retained[]): string {
  const images = new Map(retained.map(({ image }) => [`${image.provider} ${image.id}`, image]));
  const cost = perMonth(prices, [...images.values()]);
  return cost === undefined ? '' : ` They cost about ${amount(cost)} a month${dated(cost)}.`;
}

const amount = ({ amount: much, currency }: Amount): string => `${much.toFixed(2)} ${oneLine(currency, 10)}`;

/** How old a price is tells how far it may be believed. */
const dated = ({ asOf }: Amount): string => (asOf === undefined ? '' : ` (prices of ${oneLine(asOf, 10)})`);
