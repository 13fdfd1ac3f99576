import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameMark } from '../../../src/providers/mark-fields.ts';
import { labelsOf, markOf } from '../../../src/providers/openstack/marks.ts';
import { addressOf, soonAgain, userDataOf } from '../../../src/providers/openstack/placing.ts';
import { standingOf } from '../../../src/providers/openstack/server-state.ts';
import { ownerTag, serverName } from '../../../src/providers/openstack/servers.ts';

const mark = fc.record({
  owner: fc.string({ minLength: 1 }),
  service: fc.string(),
  version: fc.nat(),
  environment: fc.string(),
  effect: fc.string({ minLength: 1 }),
  generation: fc.nat(),
  epoch: fc.nat(),
});

describe('a server’s mark', () => {
  it('comes back from its metadata as it was', () => {
    fc.assert(
      fc.property(mark, (one) => {
        expect(markOf(labelsOf(one, 'instance'))).toEqual(one);
        expect(isSameMark(markOf(labelsOf(one, 'instance')), one)).toBe(true);
      }),
      { seed: 7 },
    );
  });

  it('is none when a part of it is missing', () => {
    expect(markOf({})).toBeUndefined();
    expect(markOf({ bakery_owner: 'o', bakery_effect: 'e', bakery_version: '1' })).toBeUndefined();
  });

  it('gives names and tags that Nova takes, whatever stands in it', () => {
    fc.assert(
      fc.property(mark, (one) => {
        expect(serverName(one, 'builder')).toMatch(/^builder-[a-z0-9-]{1,100}$/);
        expect(ownerTag(one.owner)).toMatch(/^[a-z0-9-]{1,60}$/);
      }),
      { seed: 7 },
    );
  });
});

describe('a server’s state', () => {
  it.each([
    ['BUILD', undefined, 'made'],
    ['ACTIVE', undefined, 'on'],
    ['ACTIVE', 'powering-off', 'on'],
    ['ACTIVE', 'deleting', 'going'],
    ['MIGRATING', undefined, 'on'],
    ['SHUTOFF', undefined, 'off'],
    ['ERROR', undefined, 'failed'],
    ['SOFT_DELETED', undefined, 'going'],
  ])('%s while %s is %s', (status, task, standing) => {
    expect(standingOf({ id: 's', status, task })).toBe(standing);
  });

  it.each(['PAUSED', 'SUSPENDED', 'SHELVED_OFFLOADED', 'RESCUE', 'UNKNOWN', 'A_NEW_WORD'])(
    '%s is an error at once: nobody waits through it',
    (status) => {
      expect(() => standingOf({ id: 's', status, task: undefined })).toThrow(
        expect.objectContaining({ fault: 'unexpected state' }),
      );
    },
  );
});

describe('a server’s place', () => {
  const server = (addresses: Record<string, { addr: string; version: number }[]>) => ({
    id: 's',
    status: 'ACTIVE',
    created: '2026-01-01T00:00:00Z',
    task: undefined,
    addresses,
  });

  it('is its address of version 4, else of version 6, else none', () => {
    const [four, six] = [
      { addr: '10.0.0.5', version: 4 },
      { addr: 'fd00::5', version: 6 },
    ];
    expect(addressOf(server({ private: [six, four] }), 8080)).toBe('http://10.0.0.5:8080');
    expect(addressOf(server({ private: [six] }), 8080)).toBe('http://[fd00::5]:8080');
    expect(addressOf(server({}), 8080)).toBeUndefined();
  });

  it('is not its floating address', () => {
    const floating = { addr: '203.0.113.9', version: 4, 'OS-EXT-IPS:type': 'floating' };
    expect(addressOf(server({ private: [floating] }), 8080)).toBeUndefined();
  });

  it('is looked at again soon at first, and every 5 s at last', () => {
    expect(soonAgain(0)).toBe(250);
    expect(soonAgain(10_000)).toBe(1_250);
    expect(soonAgain(10 * 60_000)).toBe(5_000);
    expect(soonAgain(Number.NaN)).toBe(250);
  });

  it('is refused when it would be told more than Nova takes', () => {
    expect(() => userDataOf(Buffer.alloc(60_000))).toThrow(
      expect.objectContaining({ fault: 'bad settings', message: expect.stringContaining('65535') }),
    );
  });
});
