import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needOf, roomFor } from '../../../src/providers/openstack/quotas.ts';

const flavor = { id: '1', name: 'm1.tiny', vcpus: 2, ram: 512, disk: 1 };
const need = needOf(flavor, false);

describe('the room of a project', () => {
  it('is what its tightest quota leaves, in whole servers', () => {
    const counts = [
      { what: 'instances', limit: 10, used: 3 },
      { what: 'cores', limit: 10, used: 5 },
      { what: 'MB of memory', limit: -1, used: 9_000 },
    ];
    expect(roomFor(counts, need)).toEqual({
      more: 2,
      because: ['5 of 10 cores are used, and each takes 2'],
    });
  });

  it('is without bounds where nothing is limited', () => {
    const counts = [{ what: 'instances', limit: -1, used: 3 }];
    expect(roomFor(counts, need)).toEqual({ more: Number.POSITIVE_INFINITY, because: [] });
    expect(roomFor([], need).more).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts floating addresses only where instances get one', () => {
    const counts = [{ what: 'floating addresses', limit: 1, used: 1 }];
    expect(roomFor(counts, need).more).toBe(Number.POSITIVE_INFINITY);
    expect(roomFor(counts, needOf(flavor, true)).more).toBe(0);
  });

  it('is never below none, however far a quota was lowered', () => {
    const count = fc.record({ limit: fc.integer({ min: -1, max: 50 }), used: fc.nat(100) });
    fc.assert(
      fc.property(count, ({ limit, used }) => {
        const { more } = roomFor([{ what: 'cores', limit, used }], need);
        expect(more).toBeGreaterThanOrEqual(0);
        if (limit >= 0 && more > 0) expect(used + 2 * more).toBeLessThanOrEqual(limit);
      }),
      { seed: 7 },
    );
  });
});
