import { beforeEach, describe, expect, test } from 'vitest';
import { Reports } from '../../src/pipeline/engine/reports.ts';
import type { Ended } from '../../src/pipeline/task-queue.ts';

const ended = (n: number): Ended => ({ id: `bake.${n}.1`, outcome: { is: 'lost', because: 'gone' } });

describe('what the queue told of attempts that ended', () => {
  let now = 0;
  let reports = new Reports(() => now);
  beforeEach(() => {
    now = 0;
    reports = new Reports(() => now);
  });

  test('spares the look into the queue, until a second is over', () => {
    expect(reports.take()).toBeUndefined();
    reports.tell(ended(1));
    reports.tell(ended(2));
    expect(reports.take()).toEqual([ended(1), ended(2)]);
    now = 999;
    reports.tell(ended(3));
    expect(reports.take()).toEqual([ended(3)]);
    now = 1_000;
    reports.tell(ended(4));
    expect(reports.take()).toBeUndefined();
  });

  test('is not waited for: without any, the queue is looked into', () => {
    expect(reports.take()).toBeUndefined();
    expect(reports.take()).toBeUndefined();
  });

  test('does not hide one of which nothing was told', () => {
    reports.take();
    reports.tell(ended(1));
    reports.mustLook();
    expect(reports.take()).toBeUndefined();
  });

  test('has the queue looked into when there is more of it than is kept', () => {
    reports.take();
    for (let n = 0; n < 2_001; n++) reports.tell(ended(n));
    expect(reports.take()).toBeUndefined();
  });

  test('does not keep the queue from being looked into when the clock is set back', () => {
    now = 60_000;
    reports.take();
    reports.tell(ended(1));
    now = 30_000;
    expect(reports.take()).toBeUndefined();
  });

  test('is told once', () => {
    reports.take();
    reports.tell(ended(1));
    reports.tell(ended(1));
    expect(reports.take()).toEqual([ended(1)]);
    expect(reports.take()).toBeUndefined();
  });
});
