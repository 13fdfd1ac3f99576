import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { percentile, phases, type Sample, together } from '../../pipeline/domain/measurement.ts';
import type { Millis } from '../../pipeline/domain/time.ts';

/** `📏 0 of 412 requests failed, p99 38 ms → 35 ms`; undefined when nothing was measured. */
export function measuredLine({ probes }: Pick<Deployment, 'probes'>): string | undefined {
  if (probes === undefined) return undefined;
  const { sent, failed } = together(...phases.map((phase) => probes[phase]));
  if (sent === 0) return undefined;
  const count = failed.toLocaleString('en-US');
  const share = `📏 ${failed === 0 ? count : `*${count}*`} of ${sent.toLocaleString('en-US')} requests failed`;
  const times = [probes.before, probes.after ?? probes.during].map(p99).filter((time) => time !== undefined);
  return times.length === 0 ? share : `${share}, p99 ${times.map(inMillis).join(' → ')}`;
}

const p99 = (sample: Sample | undefined): Millis | undefined =>
  sample === undefined ? undefined : percentile(sample, 0.99);

export const inMillis = (time: Millis): string =>
  time >= 9_950
    ? `${(time / 1000).toFixed(0)} s`
    : `${time < 10 ? Number(time.toFixed(1)) : Math.round(time)} ms`;
