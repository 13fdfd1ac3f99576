import type { JobJson } from 'bullmq';
import type { Outcome } from '../pipeline/domain/task.ts';
import type { Ended } from '../pipeline/task-queue.ts';

const outcomes = new Set(['done', 'not yet', 'failed']);

/** What came of a job that is over: its return value, or `lost` when BullMQ failed it or kept no outcome. */
export function readEnded(id: string, job: JobJson): Ended {
  if (job.failedReason) return lost(id, job.failedReason);
  return readReported(id, JSON.parse(job.returnvalue || 'null'));
}

/** What its worker reported of it. */
export function readReported(id: string, value: unknown): Ended {
  if (isOutcome(value)) return { id, outcome: value };
  return lost(id, 'its worker reported nothing that can be read');
}

/** Only our own workers write return values; this tells theirs from an empty or a foreign one. */
const isOutcome = (value: unknown): value is Outcome =>
  typeof value === 'object' && value !== null && 'is' in value && outcomes.has(String(value.is));

const lost = (id: string, because: string): Ended => ({ id, outcome: { is: 'lost', because } });
