import type { Removed } from './marked.ts';

/** What the operators say that things cost; what they say nothing of has no known price. */
export interface Prices {
  /** As it is written behind an amount, like EUR. */
  currency: string;
  /** By provider: one instance for an hour. */
  instanceHour: Readonly<Record<string, number>>;
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
