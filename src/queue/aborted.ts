import type { Fault } from '../pipeline/domain/fault.ts';
import type { Outcome } from '../pipeline/domain/task.ts';

/** Why an attempt was told to end. */
export type AbortCause = 'cancelled' | 'lock lost' | 'time is up' | 'worker stops';

const meaning: Record<AbortCause, { fault: Fault; sentence: string }> = {
  cancelled: { fault: 'aborted', sentence: 'It was cancelled while it ran.' },
  'lock lost': {
    fault: 'worker lost',
    sentence:
      'Its worker could not renew its right to it in time and ended it; another attempt looks at what is there.',
  },
  'time is up': { fault: 'timeout', sentence: 'It took longer than one attempt may and was ended.' },
  'worker stops': {
    fault: 'worker lost',
    sentence: 'Its worker was stopped before it was done; another attempt looks at what is there.',
  },
};

/** The `reason` of an attempt's signal once it is aborted. */
export class AttemptAborted extends Error {
  override readonly name = 'AbortError';
  readonly why: AbortCause;

  constructor(why: AbortCause) {
    super(meaning[why].sentence);
    this.why = why;
  }
}

/** What an attempt reports that was aborted and ended without a result of its own. */
export const abortedOutcome = (why: AbortCause, lines?: string[]): Outcome => ({
  is: 'failed',
  failure: { ...meaning[why], ...(lines ? { lines } : {}) },
});

/**
 * What an attempt reports that returned after it was aborted. What it did or learned stands; a failure after an
 * abort is the abort's, whatever the tools that were ended on its way made of it.
 */
export function afterAbort(why: AbortCause, outcome: Outcome): Outcome {
  return outcome.is === 'failed' ? abortedOutcome(why, outcome.failure.lines) : outcome;
}
