import { expect, test } from 'vitest';
import { measuredLine } from '../../../src/bot/views/measured.ts';
import { classOf } from '../../../src/pipeline/domain/measurement.ts';

const sample = (sent: number, took: number, failed = 0) => ({
  sent,
  failed,
  times: { [classOf(took)]: sent - failed },
});

test('the line counts all requests and sets p99 of before beside that of after', () => {
  const probes = { before: sample(10, 38), during: sample(42, 100), after: sample(360, 35) };
  expect(measuredLine({ probes })).toMatch(/^📏 0 of 412 requests failed, p99 (38|39) ms → (35|36) ms$/);
});

test('failed requests stand out, and what was not measured is left out', () => {
  expect(measuredLine({ probes: { during: sample(1200, 0.5, 3) } })).toBe(
    '📏 *3* of 1,200 requests failed, p99 1 ms',
  );
  expect(measuredLine({ probes: { during: sample(2, 1, 2) } })).toBe('📏 *2* of 2 requests failed');
  expect(measuredLine({})).toBeUndefined();
});
