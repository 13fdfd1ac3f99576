import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Group,
  type Letter,
  letters,
  type Seated,
  weightsOf,
} from '../../../src/balancers/elb/objects.ts';
import { broughtTogether, seatsFor } from '../../../src/balancers/elb/seats.ts';

const at = (instance: string, letter: Letter, weight: number, more: Partial<Seated> = {}): Seated => ({
  ...{ instance, address: `http://${instance}:80`, key: `${instance}:80`, path: '', letter, weight },
  ...{ draining: false, order: 1, epoch: 1 },
  ...more,
});
const groupsOf = (seats: readonly Seated[]): Group[] => {
  const weights = weightsOf(seats);
  return letters.map((letter) => ({
    ...{ letter, arn: letter, path: '/', targets: [] },
    ...{ weight: weights.get(letter) ?? 0, given: weights.get(letter) ?? 0 },
  }));
};
const nobody = { key: '', epoch: 9 };
const weighed = (before: readonly Seated[], weights: Record<string, number>): Seated[] =>
  seatsFor(
    before.map((one) => ({ ...one, weight: weights[one.instance] ?? 0 })),
    before,
    groupsOf(before),
    nobody,
    7,
  );
const letterOf = (seats: readonly Seated[]) =>
  Object.fromEntries(seats.map(({ instance, letter }) => [instance, letter]));
const joined = (before: readonly Seated[], instance: string, epoch: number): Seated[] => {
  const { key, letter: _, order: __, ...member } = at(instance, 'a', 0);
  return seatsFor([...before, member], before, groupsOf(before), { key, epoch }, 7);
};

describe('the target groups of a slot', () => {
  it('take what one deployment attaches together, beside what serves', () => {
    const live = [at('old1', 'a', 50), at('old2', 'a', 50)];
    const first = joined(live, 'new1', 2);
    expect(letterOf(joined(first, 'new2', 2))).toEqual({ old1: 'a', old2: 'a', new1: 'b', new2: 'b' });
  });

  it('are two for any number of steps from one release to the next', () => {
    const both = [at('old1', 'a', 50), at('old2', 'a', 50), at('new1', 'b', 0), at('new2', 'b', 0)];
    for (const share of [5, 25, 50, 90, 100, 0]) {
      const each = { old1: (100 - share) / 2, old2: (100 - share) / 2, new1: share / 2, new2: share / 2 };
      expect(letterOf(weighed(both, each))).toEqual({ old1: 'a', old2: 'a', new1: 'b', new2: 'b' });
    }
  });

  it('keep what dividing by three leaves over in one group', () => {
    const three = [at('one', 'a', 0), at('two', 'a', 0), at('three', 'a', 0)];
    const seats = weighed(three, { one: 34, two: 33, three: 33 });
    expect(new Set(Object.values(letterOf(seats)))).toEqual(new Set(['a']));
    expect(weightsOf(seats).get('a')).toBe(100);
  });

  it('are split when their members are to get different weights, the heaviest stays', () => {
    const idle = [at('one', 'a', 0), at('two', 'a', 0), at('three', 'a', 0)];
    expect(letterOf(weighed(idle, { one: 20, two: 70 }))).toEqual({ one: 'b', two: 'a', three: 'c' });
  });

  it('are brought together when one weight is spread over three of them', () => {
    const spread = [at('one', 'a', 33), at('two', 'b', 33), at('three', 'c', 34), at('four', 'a', 33)];
    expect(letterOf(broughtTogether(spread) ?? [])).toEqual({ one: 'a', two: 'a', three: 'a', four: 'a' });
    expect(broughtTogether(spread.slice(0, 2))).toBeUndefined();
    expect(broughtTogether([at('one', 'a', 10), at('two', 'b', 45), at('three', 'c', 45)])).toBeUndefined();
  });

  it('never mix weights, never put someone without weight where there is some, and move nobody in vain', () => {
    const weight = fc.constantFrom(0, 0, 10, 45);
    const attaching = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), weight, weight), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(attaching, (given) => {
        let seats: Seated[] = [];
        for (const [index, [epoch]] of given.entries()) {
          const before = seats;
          seats = joined(before, `m${index}`, epoch);
          const newcomer = seats.at(-1);
          expect(groupsOf(before).find(({ letter }) => letter === newcomer?.letter)?.weight).toBe(0);
          expect(letterOf(seats)).toMatchObject(letterOf(before));
        }
        for (const pick of [1, 2] as const) {
          const weights = Object.fromEntries(given.map((one, index) => [`m${index}`, one[pick]]));
          seats = weighed(seats, weights);
          for (const letter of letters)
            expect(
              new Set(seats.filter((one) => one.letter === letter).map((one) => one.weight)).size,
            ).toBeLessThan(2);
          expect(letterOf(weighed(seats, weights))).toEqual(letterOf(seats));
        }
      }),
      { seed: 11 },
    );
  });
});
