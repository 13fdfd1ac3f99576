import { describe, expect, it } from 'vitest';
import { afterFailure, afterNotYet } from '../../../src/pipeline/domain/retry.ts';

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

describe('an attempt that took longer than one may', () => {
  const failure = {
    fault: 'timeout' as const,
    sentence: 'It took longer than one attempt may and was ended.',
  };
  const tried = { tries: 0, deadline: 60_000, removes: false };

  it('is followed by another one where a slow cloud or balancer is asked step by step', () => {
    expect(afterFailure(failure, { ...tried, kind: 'admit' }, 1_000)).toEqual({ again: 1_000 });
    expect(afterFailure(failure, { ...tried, kind: 'launch' }, 1_000)).toEqual({ again: 1_000 });
  });

  it('is given up at the deadline all the same', () => {
    expect(afterFailure(failure, { ...tried, kind: 'admit' }, 59_500)).toEqual({ give: 'up', failure });
  });

  it('is the end of what runs commands', () => {
    for (const kind of ['build', 'verify', 'migrate', 'hook'] as const)
      expect(afterFailure(failure, { ...tried, kind }, 1_000)).toEqual({ give: 'up', failure });
  });
});
