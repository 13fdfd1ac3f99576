import type { Answer } from './exchange.ts';

const longest = 30_000;
const turnedAway = new Set([413, 429, 503]);

/**
 * How long a service that turned a request away wants it to be held back, in milliseconds: Retry-After in seconds or
 * as a date (RFC 9110, 10.2.3). Undefined when it does not say, or says more than 30 s: then the task waits, not we.
 */
export function retryAfter(
  { status, header }: Pick<Answer, 'status' | 'header'>,
  now: number,
): number | undefined {
  const value = header('retry-after');
  if (value === undefined || !turnedAway.has(status)) return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(wait) || wait > longest ? undefined : Math.max(0, wait);
}
