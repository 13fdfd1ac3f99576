import type { Telemetry } from 'bullmq';
import type { Link } from './link.ts';
import type { QueueLog } from './log.ts';
import type { Timings } from './timings.ts';

/** What the coordinator's side of a queue is made of. */
export interface CoordinatorSetting {
  queueName: string;
  link: Link;
  timings: Timings;
  log: QueueLog;
  telemetry?: Telemetry;
}
