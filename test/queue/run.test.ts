import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import { abortedOutcome, afterAbort } from '../../src/queue/aborted.ts';
import { settles, within } from '../../src/queue/away.ts';
import { clockIsRight, guardClock, skewAgainst } from '../../src/queue/clock.ts';
import { readEnded } from '../../src/queue/ended.ts';
import { silent } from '../../src/queue/log.ts';
import { isAway } from '../../src/queue/postgres-pool.ts';
import { latestOnly } from '../../src/queue/progress.ts';
import { standardTimings } from '../../src/queue/timings.ts';
import { withoutRepeats } from '../../src/queue/without-repeats.ts';
import { eventually as until } from '../support/eventually.ts';

describe('an attempt that was aborted', () => {
  const failed: Outcome = {
    is: 'failed',
    failure: { fault: 'command failed', sentence: 'killed', lines: ['x'] },
  };

  test('reports what the abort means instead of what the abort broke', () => {
    expect(afterAbort('cancelled', failed)).toMatchObject({ failure: { fault: 'aborted', lines: ['x'] } });
    expect(afterAbort('lock lost', failed)).toMatchObject({ failure: { fault: 'worker lost' } });
    expect(afterAbort('worker stops', failed)).toMatchObject({ failure: { fault: 'worker lost' } });
    expect(abortedOutcome('time is up')).toMatchObject({ failure: { fault: 'timeout' } });
  });

  test('keeps the result that it reached in spite of it', () => {
    const done: Outcome = { is: 'done', result: { removed: 1 } };
    expect(afterAbort('cancelled', done)).toBe(done);
    expect(afterAbort('lock lost', { is: 'not yet', again: 1 })).toEqual({ is: 'not yet', again: 1 });
  });
});

describe('what the queue says ended', () => {
  const job = { returnvalue: 'null', failedReason: '' } as Parameters<typeof readEnded>[1]; // all that is read

  test('is lost when BullMQ failed it or nothing readable was reported', () => {
    expect(readEnded('a.1.1', { ...job, failedReason: 'stalled' }).outcome).toEqual({
      is: 'lost',
      because: 'stalled',
    });
    expect(readEnded('a.1.1', job).outcome.is).toBe('lost');
    expect(readEnded('a.1.1', { ...job, returnvalue: '{"is":"odd"}' }).outcome.is).toBe('lost');
  });
});

describe('the small parts of the queue', () => {
  test('send only the newest progress while one is on its way', async () => {
    const sent: string[] = [];
    let go = () => {};
    const first = new Promise<void>((resolve) => (go = resolve));
    const progress = latestOnly(async (text) => {
      sent.push(text);
      await first;
      throw new Error('lost');
    });
    for (const text of ['1', '2', '3']) progress(text);
    go();
    await until('sent', 1_000, () => sent.length === 2);
    expect(sent).toEqual(['1', '3']);
  });

  test('give a warning once in half a minute', () => {
    const said: string[] = [];
    let now = 0;
    const log = withoutRepeats(
      { ...silent, warn: (_, message) => void said.push(`${now} ${message}`) },
      () => now,
    );
    for (now of [0, 29_000, 31_000]) log.warn({ err: new Error('refused') }, 'away');
    log.warn({ err: new Error('other') }, 'away');
    expect(said).toEqual(['0 away', '31000 away', '31000 away']);
  });

  test('tell a server that is away from a statement that is wrong', () => {
    for (const code of ['57P01', '08006', 'ECONNRESET', 'ECONNREFUSED'])
      expect(isAway(Object.assign(new Error('x'), { code }))).toBe(true);
    expect(isAway(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isAway(Object.assign(new Error('syntax error'), { code: '42601' }))).toBe(false);
    expect(isAway(Object.assign(new Error('lock mismatch'), { code: 'BM001' }))).toBe(false);
  });

  test('fail a call that takes too long with its sentence', async () => {
    await expect(within(new Promise(() => {}), 10, 'too long')).rejects.toThrow('too long');
    await expect(within(Promise.reject(new Error('own')), 10, 'too long')).rejects.toThrow('own');
    expect(await settles(Promise.resolve(), 10)).toBe(true);
  });
});

describe('a worker whose clock is wrong', () => {
  const set = { timings: standardTimings, log: silent, name: 'w', every: 1 };
  const never = new AbortController().signal;

  test('takes no attempts until it is right again', async () => {
    const skews = [1_500, -1_500, 900];
    await clockIsRight({ ...set, clockSkew: async () => skews.shift() ?? 0 }, never);
    expect(skews).toEqual([]);
    await expect(
      clockIsRight({ ...set, clockSkew: async () => 10_000 }, AbortSignal.timeout(20)),
    ).rejects.toThrow();
    expect(Math.abs((await skewAgainst(async () => Date.now() - 5_000)) - 5_000)).toBeLessThan(100);
  });

  test('takes no more once it goes wrong', async () => {
    let skew = 900;
    await new Promise<void>((resolve) => {
      let looks = 0;
      const unguard = guardClock(
        {
          pause: async () => {
            expect(skew).toBe(1_500);
            unguard();
            resolve();
          },
        },
        {
          ...set,
          clockSkew: async () => {
            if (++looks === 3) skew = 1_500;
            return skew;
          },
        },
      );
    });
  });
});
