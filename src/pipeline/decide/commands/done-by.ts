import type { Deployment } from '../../domain/deployment.ts';
import { inWords } from '../../domain/lock.ts';
import type { Release } from '../../domain/release.ts';
import { named } from '../../domain/rights.ts';
import type { StageRecord } from '../../domain/stage-record.ts';
import type { At } from '../../domain/time.ts';

type Decided = Pick<
  Deployment,
  | 'approvals'
  | 'override'
  | 'rejectedBy'
  | 'cancelledBy'
  | 'overtakenBy'
  | 'overtakenByVersion'
  | 'stage'
  | 'stages'
>;

/** Who decided what somebody else wants to decide too, and when, as the beginning of a sentence that says what came of it. */
export function decidedBy(deployment: Decided, now: At): string {
  const { approvals, override, rejectedBy, cancelledBy, overtakenBy, overtakenByVersion } = deployment;
  const since = stoppedAgo(deployment.stages[deployment.stage], now);
  if (rejectedBy !== undefined) return `Rejected already by ${named(rejectedBy)}${since}:`;
  if (cancelledBy !== undefined) return `Cancelled already by ${named(cancelledBy)}${since}:`;
  if (overtakenBy !== undefined) {
    const newer = overtakenByVersion === undefined ? 'something newer' : `v${overtakenByVersion}`;
    return `Overtaken by ${newer}${since}:`;
  }
  if (override !== undefined) {
    return `Put through already by override of ${named(override.by)} (${ago(override.at, now)}):`;
  }
  const names = approvals.map(({ by, at }) => `${named(by)} (${ago(at, now)})`).join(', ');
  return names === '' ? 'There is nothing to decide:' : `Approved already by ${names}:`;
}

/** Who cancelled a release that somebody else wants to cancel too; empty when nobody did. */
export const cancelledBy = ({ cancelledBy: by, stages, stage }: Release, now: At): string =>
  by === undefined ? '' : ` by ${named(by)}${stoppedAgo(stages[stage], now)}`;

const stoppedAgo = (record: StageRecord | undefined, now: At): string =>
  record?.state === 'cancelled' && record.endedAt !== undefined ? ` (${ago(record.endedAt, now)})` : '';

/** `12 min ago`: a sentence of the pipeline knows no zone of its reader. */
export const ago = (at: At, now: At): string => (now - at < 1000 ? 'just now' : `${inWords(now - at)} ago`);
