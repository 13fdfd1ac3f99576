import { percentile, type Sample } from './measurement.ts';
import type { Millis } from './time.ts';

/** What a new release may do to a slot's traffic while it moves and soaks; beyond it traffic goes back by itself. */
export interface Limits {
  /** The share of requests (0 to 1) that may fail, of Bakery's own and of users' by the balancer's counters. */
  failed: number;
  /** The 99th percentile of the time of Bakery's own requests. */
  p99?: Millis;
  /** How many times that percentile of the old release it may be. */
  slower?: number;
}

export const usualLimits: Limits = { failed: 0.05 };

/** Fewer failures are chance, whatever their share. */
const leastFailed = { probes: 2, counted: 5 };
/** Fewer answers have no percentile worth acting on. */
const leastTimes = 50;

export interface Seen {
  /** What was there before, when it was measured. */
  before?: Sample;
  /** Bakery's own requests since traffic began to move. */
  now: Sample;
  /** Users' requests to the new instances, by the balancer. */
  counted: { requests: number; failed: number };
}

/** The limit that is broken, as a sentence; undefined when none is. */
export function brokenLimit(limits: Limits, { before, now, counted }: Seen): string | undefined {
  const allowed = `${Number((limits.failed * 100).toFixed(2))} %`;
  if (now.failed >= leastFailed.probes && now.failed > now.sent * limits.failed)
    return `${now.failed} of ${now.sent} of Bakery's own requests through the front door failed, and ${allowed} may`;
  if (counted.failed >= leastFailed.counted && counted.failed > counted.requests * limits.failed)
    return `the new instances failed ${counted.failed} of ${counted.requests} requests by the balancer's counters, and ${allowed} may`;
  const p99 = percentile(now, 0.99);
  if (p99 === undefined || now.sent - now.failed < leastTimes) return undefined;
  if (limits.p99 !== undefined && p99 > limits.p99)
    return `p99 of Bakery's own requests is ${rounded(p99)} ms, and ${rounded(limits.p99)} ms is the limit`;
  const was = before === undefined ? undefined : percentile(before, 0.99);
  if (limits.slower === undefined || was === undefined || p99 <= Math.max(was, 1) * limits.slower)
    return undefined;
  return `p99 of Bakery's own requests went from ${rounded(was)} ms to ${rounded(p99)} ms, more than ${limits.slower} times as long`;
}

const rounded = (millis: Millis): number => (millis < 10 ? Number(millis.toFixed(1)) : Math.round(millis));
