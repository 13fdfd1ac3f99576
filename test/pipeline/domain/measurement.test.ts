import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenLimit, usualLimits } from '../../../src/pipeline/domain/limits.ts';
import {
  noSample,
  oneRequest,
  percentile,
  type Sample,
  together,
} from '../../../src/pipeline/domain/measurement.ts';

const sampleOf = (times: (number | undefined)[]): Sample => together(...times.map(oneRequest));

test('a percentile is at most a twentieth above the time that it stands for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (times, share) => {
        const exact = [...times].sort((a, b) => a - b)[Math.ceil(times.length * share) - 1] ?? 0;
        const found = percentile(sampleOf(times), share) ?? 0;
        expect(found).toBeGreaterThanOrEqual(exact * 0.999);
        expect(found).toBeLessThanOrEqual(exact * 1.051);
      },
    ),
  );
});

test('samples of many tasks add up in any order', () => {
  const parts = [[5, 9, undefined], [], [5, 300]].map(sampleOf);
  expect(together(...parts)).toEqual(sampleOf([300, undefined, 5, 9, 5]));
  expect(together(...parts)).toEqual(together(...[...parts].reverse()));
});

test('a sample without an answer has no percentile', () => {
  expect(percentile(noSample, 0.99)).toBeUndefined();
  expect(percentile(sampleOf([undefined]), 0.99)).toBeUndefined();
});

const counted = { requests: 1000, failed: 0 };
const slow = (took: number): Sample => sampleOf(Array.from({ length: 100 }, () => took));

test.each([
  [
    'one failed request of Bakery’s own is chance',
    { now: sampleOf([undefined, 5]), counted },
    usualLimits,
    undefined,
  ],
  ['two of few are not', { now: sampleOf([undefined, undefined, 5]), counted }, usualLimits, /2 of 3/],
  [
    'users’ requests count by their share',
    { now: noSample, counted: { requests: 80, failed: 5 } },
    usualLimits,
    /5 of 80/,
  ],
  [
    'four failed requests of users are chance',
    { now: noSample, counted: { requests: 4, failed: 4 } },
    usualLimits,
    undefined,
  ],
  ['p99 above its limit', { now: slow(300), counted }, { failed: 1, p99: 200 }, /is 3\d\d ms, and 200 ms/],
  [
    'p99 of few answers says nothing',
    { now: sampleOf([900, 900]), counted },
    { failed: 1, p99: 200 },
    undefined,
  ],
  [
    'more times slower than before',
    { before: slow(30), now: slow(90), counted },
    { failed: 1, slower: 2 },
    /more than 2 times/,
  ],
  [
    'slower within the limit',
    { before: slow(30), now: slow(50), counted },
    { failed: 1, slower: 2 },
    undefined,
  ],
  ['nothing known of before', { now: slow(90), counted }, { failed: 1, slower: 2 }, undefined],
])('a limit: %s', (_name, seen, limits, says) => {
  const broken = brokenLimit(limits, seen);
  if (says === undefined) expect(broken).toBeUndefined();
  else expect(broken).toMatch(says);
});
