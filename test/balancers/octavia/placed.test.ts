import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolMember } from '../../../src/balancers/octavia/objects.ts';
import {
  healthOf,
  inOrder,
  isWritten,
  memberOf,
  savedMember,
  type WrittenMember,
  written,
} from '../../../src/balancers/octavia/placed.ts';

/** What Octavia shows once it took what was written. */
const shown = (one: WrittenMember, operating_status = 'ONLINE'): PoolMember => ({
  ...one,
  id: `id-${one.name}`,
  provisioning_status: 'ACTIVE',
  operating_status,
});
const saved = fc.record({
  instance: fc.uuid(),
  address: fc.ipV4().map((ip) => `http://${ip}:8080`),
  path: fc.constant(''),
  weight: fc.nat(100),
  draining: fc.boolean(),
});
const members = fc.uniqueArray(saved, { selector: ({ instance }) => instance, maxLength: 6 });

describe('a member in Octavia', () => {
  it('is read back as it was written; one that drains has no weight', () => {
    fc.assert(
      fc.property(members, (wanted) => {
        const there = written(wanted, [], 7).map((one) => shown(one));
        expect(inOrder(there.toReversed()).map((one) => savedMember(one, ''))).toEqual(
          wanted.map((one) => (one.draining ? { ...one, weight: 0 } : one)),
        );
      }),
      { seed: 7 },
    );
  });

  it('is not written again when nothing changed, and keeps its place when others come', () => {
    fc.assert(
      fc.property(members, members, (first, more) => {
        const there = written(first, [], 7).map((one) => shown(one));
        const same = there.map((one) => savedMember(one, ''));
        expect(isWritten(written(same, there, 8), there)).toBe(true);
        const others = more.filter(({ instance }) => first.every((one) => one.instance !== instance));
        const both = written([...same, ...others], there, 8).map((one) => shown(one));
        expect(inOrder(both).map(({ name }) => name)).toEqual(
          [...first, ...others].map(({ instance }) => instance),
        );
      }),
      { seed: 7 },
    );
  });

  it('carries the mark of its instance through every change, and may be given one later', () => {
    const wanted = { instance: 'a', address: 'http://10.0.0.1:80', path: '', weight: 0, draining: false };
    const mark = ['bakery_owner=o', 'bakery_effect=e'];
    const [marked] = written([wanted], [], 1, { a: mark }).map((one) => shown(one));
    const [drains] = written([{ ...wanted, draining: true }], marked === undefined ? [] : [marked], 2);
    expect(drains?.tags).toEqual(['bakery-order=1', 'bakery-draining=2', ...mark]);
    const plain = written([wanted], [], 1).map((one) => shown(one));
    const later = written([wanted], plain, 2, { a: mark });
    expect(later[0]?.tags).toEqual(['bakery-order=1', ...mark]);
    expect(isWritten(later, plain)).toBe(false);
  });

  it('without weight is a spare, and one that drains is none', () => {
    const [spare, drains] = written(
      [
        { instance: 'a', address: 'http://10.0.0.1:8080', path: '', weight: 0, draining: false },
        { instance: 'b', address: 'http://[fd00::1]:81', path: '', weight: 50, draining: true },
      ],
      [],
      1_234,
    );
    expect(spare).toMatchObject({ weight: 1, backup: true, address: '10.0.0.1', protocol_port: 8080 });
    expect(drains).toMatchObject({ weight: 0, backup: false, address: 'fd00::1', protocol_port: 81 });
    expect(drains?.tags).toContain('bakery-draining=1234');
  });

  it.each([
    ['ONLINE', 'healthy'],
    ['DRAINING', 'healthy'],
    ['ERROR', 'unhealthy'],
    ['DEGRADED', 'unhealthy'],
    ['OFFLINE', 'unknown'],
    ['NO_MONITOR', 'unknown'],
    ['A_NEW_WORD', 'unknown'],
  ])('that is %s is %s', (status, health) => {
    expect(healthOf({ operating_status: status })).toBe(health);
  });

  it('has at most what its listener has in flight, and nothing when it never had weight', () => {
    const wanted = { instance: 'a', address: 'http://10.0.0.1:80', path: '', weight: 10, draining: false };
    const inFlight = (over: Partial<typeof wanted>) =>
      written([{ ...wanted, ...over }], [], 1).map((one) => memberOf(shown(one), 3).inFlight);
    expect([inFlight({}), inFlight({ draining: true }), inFlight({ weight: 0 })]).toEqual([[3], [3], [0]]);
  });
});
