import { describe, expect, it } from 'vitest';
import { afterNotYet } from '../../../src/pipeline/domain/retry.ts';

describe('a task that is not over yet', () => {
  it('is looked at again after whole milliseconds, as queues count', () => {
    expect(afterNotYet(117.5, 10_000, 1_000, undefined)).toEqual({ again: 118 });
  });

  it('is given up at its deadline with the last that was heard', () => {
    expect(afterNotYet(500, 1_500, 1_000, 'half of it')).toMatchObject({
      give: 'up',
      failure: { fault: 'timeout', sentence: expect.stringContaining('half of it') },
    });
  });
});
