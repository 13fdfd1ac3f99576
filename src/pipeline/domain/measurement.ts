import type { Millis } from './time.ts';

/** What requests through a front door met: how many, how many failed, and how long the answered ones took. */
export interface Sample {
  sent: number;
  failed: number;
  /** How many took how long, by {@link classOf}: samples of many tasks add up, whatever their number. */
  times: Record<string, number>;
}

/** `before`: the old one had all traffic. `during`: traffic was moving. `after`: the new one has all of it. */
export type Phase = 'before' | 'during' | 'after';
export const phases = ['before', 'during', 'after'] as const satisfies readonly Phase[];

/** Bakery's own requests through a slot's front door during a deployment, by phase. */
export type Probes = Partial<Record<Phase, Sample>>;

export const noSample: Sample = { sent: 0, failed: 0, times: {} };

/** Each class is a twentieth longer than the one before it: a percentile is exact to 5 %. */
const growth = 1.05;

/** The class of a time; its upper end is `growth ** class` milliseconds. */
export const classOf = (took: Millis): number =>
  took <= 1 ? 0 : Math.ceil(Math.log(took) / Math.log(growth) - 1e-9);

/** A sample of one request. */
export const oneRequest = (took: Millis | undefined): Sample =>
  took === undefined
    ? { sent: 1, failed: 1, times: {} }
    : { sent: 1, failed: 0, times: { [classOf(took)]: 1 } };

export function together(...samples: readonly (Sample | undefined)[]): Sample {
  const times: Record<string, number> = {};
  let sent = 0;
  let failed = 0;
  for (const sample of samples) {
    sent += sample?.sent ?? 0;
    failed += sample?.failed ?? 0;
    for (const [key, count] of Object.entries(sample?.times ?? {})) times[key] = (times[key] ?? 0) + count;
  }
  return { sent, failed, times };
}

/** The time within which this share (0 to 1) of the answered requests was answered; undefined when none was. */
export function percentile({ times }: Sample, share: number): Millis | undefined {
  const classes = Object.entries(times)
    .map(([key, count]): [number, number] => [Number(key), count])
    .sort(([one], [other]) => one - other);
  const all = classes.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return undefined;
  let left = Math.ceil(all * share);
  for (const [key, count] of classes) {
    left -= count;
    if (left <= 0) return growth ** key;
  }
  return undefined;
}

export const isSample = (value: unknown): value is Sample =>
  typeof value === 'object' &&
  value !== null &&
  'sent' in value &&
  typeof value.sent === 'number' &&
  'failed' in value &&
  typeof value.failed === 'number' &&
  'times' in value &&
  typeof value.times === 'object' &&
  value.times !== null;
