import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Candidate, pick } from '../../../src/balancers/embedded/pick.ts';

const candidate = (weight: number, more: Partial<Candidate> = {}): Candidate => ({
  weight,
  draining: false,
  health: 'healthy',
  turn: 0,
  ...more,
});
const nobody: ReadonlySet<Candidate> = new Set();

test('each gets exactly its share in every round, whatever the weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const members = weights.map((weight) => candidate(weight));
      const sum = weights.reduce((a, b) => a + b, 0);
      const got = new Map<Candidate | undefined, number>();
      for (let i = 0; i < sum; i += 1) {
        const next = pick(members, nobody);
        got.set(next, (got.get(next) ?? 0) + 1);
      }
      expect(members.map((member) => got.get(member))).toEqual(weights);
    }),
  );
});

test('turns are smooth: a small weight is not served in one run', () => {
  const members = [candidate(2), candidate(1)];
  const order = Array.from({ length: 6 }, () => members.indexOf(pick(members, nobody) ?? candidate(0)));
  expect(order).toEqual([0, 1, 0, 0, 1, 0]);
});

test('a weighted member whose health is not known yet gets traffic', () => {
  const unknown = candidate(100, { health: 'unknown' });
  expect(pick([unknown, candidate(0)], nobody)).toBe(unknown);
});

test('draining, unhealthy and already tried members get nothing', () => {
  const tried = candidate(1);
  const members = [candidate(1, { draining: true }), candidate(1, { health: 'unhealthy' }), tried];
  expect(pick(members, new Set([tried]))).toBeUndefined();
});

test('members at weight 0 serve only when no weighted one can, and only when they are healthy', () => {
  const old = candidate(0);
  const sick = candidate(100, { health: 'unhealthy' });
  expect(pick([sick, candidate(0, { health: 'unknown' }), old], nobody)).toBe(old);
  expect(pick([sick, candidate(0, { draining: true })], nobody)).toBeUndefined();
});
