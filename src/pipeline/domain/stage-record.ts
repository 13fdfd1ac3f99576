import type { At } from './time.ts';

export type StageState = 'waiting' | 'running' | 'passed' | 'skipped' | 'failed' | 'cancelled';

/** What is known of one stage: drawn on the card, summed up in `history`. */
export interface StageRecord {
  state: StageState;
  beganAt?: At;
  endedAt?: At;
}
