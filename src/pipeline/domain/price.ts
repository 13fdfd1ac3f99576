import type { Image } from './image.ts';
import type { Instance } from './instance.ts';
import type { Removed } from './marked.ts';

/** What the operators say that things cost; what they say nothing of has no known price. */
export interface Prices {
  /** As it is written behind an amount, like EUR. */
  currency: string;
  /** Of which day or month they are, like 2025-06. */
  asOf?: string | undefined;
  /** By provider: one instance for an hour. */
  instanceHour: Readonly<Record<string, number>>;
  /** By provider: a gigabyte (10^9 bytes) of images for a month. */
  imageMonth?: Readonly<Record<string, number>> | undefined;
}

export interface Amount {
  amount: number;
  currency: string;
  asOf?: string | undefined;
}

/** What these cost together in an hour; undefined unless there are some and all have a known price. */
export function perHour(
  prices: Prices | undefined,
  instances: readonly Pick<Instance, 'provider'>[],
): Amount | undefined {
  return sumOf(
    prices,
    instances.map(({ provider }) => prices?.instanceHour[provider]),
  );
}

/** What these cost together in a month; undefined unless there are some and all have a known price. */
export function perMonth(
  prices: Prices | undefined,
  images: readonly Pick<Image, 'provider' | 'size' | 'copies'>[],
): Amount | undefined {
  const costOf = ({ provider, size, copies = [] }: (typeof images)[number]): number | undefined => {
    const gigabyte = prices?.imageMonth?.[provider];
    return gigabyte === undefined ? undefined : (gigabyte * size * (1 + copies.length)) / 1e9;
  };
  return sumOf(prices, images.map(costOf));
}

function sumOf(prices: Prices | undefined, costs: readonly (number | undefined)[]): Amount | undefined {
  if (prices === undefined || costs.length === 0) return undefined;
  let amount = 0;
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    amount += cost;
  }
  return { amount, currency: prices.currency, asOf: prices.asOf };
}

/** What it would have cost a day to leave it where it was; undefined where no price is known. */
export function perDay(
  prices: Prices | undefined,
  provider: string,
  { what }: Pick<Removed, 'what'>,
): Removed['perDay'] {
  const hour = what === 'image' ? undefined : prices?.instanceHour[provider];
  return prices === undefined || hour === undefined
    ? undefined
    : { amount: hour * 24, currency: prices.currency };
}
