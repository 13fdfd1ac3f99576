import { describe, expect, test } from 'vitest';
import { commandsFor } from '../../../src/balancers/haproxy/commands.ts';
import {
  adopted,
  expectedAt,
  healthAt,
  nowhere,
  type PlacedSlot,
  placed,
} from '../../../src/balancers/haproxy/placed.ts';
import type { BackendView, ServerView } from '../../../src/balancers/haproxy/view.ts';
import type { SavedMember } from '../../../src/balancers/rules.ts';

const server = (more: Partial<ServerView> = {}): ServerView => ({
  at: '127.0.0.1:1',
  weight: 0,
  state: 'maint',
  health: 'unknown',
  inFlight: 0,
  requests: 0,
  failed: 0,
  ...more,
});
const view = (servers: Record<string, Partial<ServerView>>, count = 2): BackendView => {
  const names = Array.from({ length: count }, (_, index) => [
    `member${index + 1}`,
    `spare${index + 1}`,
  ]).flat();
  return {
    pid: 7,
    servers: new Map(names.map((name) => [name, server(servers[name])])),
    paths: new Map(),
  };
};
const member = (instance: string, weight: number, draining = false): SavedMember => ({
  instance,
  address: `http://10.0.0.1:${instance.length}000`,
  path: '/health',
  weight,
  draining,
});
const base = { pid: 7, requests: 0, failed: 0 };
const slot = (...members: SavedMember[]): PlacedSlot => ({
  saved: { slot: 'shop.production', port: 80, epoch: 1, members },
  places: Object.fromEntries(
    members.map(({ instance }, index) => [
      instance,
      { number: index + 1, at: `10.0.0.1:${instance.length}000`, base },
    ]),
  ),
});
const commands = (wanted: PlacedSlot, view: BackendView, now = 0): string[] =>
  commandsFor('b', wanted, view, '/m', now);
/** An instance that is being started, and a place that expects it, as HAProxy shows it. */
const expected = { key: 'launch.1', at: '10.0.0.1:9', path: '/health' };
const waits = { at: expected.at, state: 'drain' as const, health: 'unhealthy' as const };

describe('the commands for a backend', () => {
  test('give a newcomer its address in maintenance and make it prove its health', () => {
    expect(commands(slot(member('a', 0)), view({}))).toEqual([
      'set server b/member1 addr 10.0.0.1 port 1000',
      'del map /m member1',
      'add map /m member1 /health',
      'set server b/member1 weight 0',
      'set server b/member1 state ready',
      'set server b/member1 health down',
      'set server b/spare1 addr 10.0.0.1 port 1000',
      'del map /m spare1',
      'add map /m spare1 /health',
      'set server b/spare1 state ready',
      'set server b/spare1 health down',
    ]);
  });

  test('trust a member with weight at once in a new HAProxy', () => {
    const all = commands(slot(member('a', 100)), view({}));
    expect(all).toContain('set server b/member1 state ready');
    expect(all.filter((line) => line.includes('health down') || line.includes('spare'))).toEqual([]);
  });

  test('raise the one before they lower the other', () => {
    const at = { state: 'ready' as const };
    const now = view({
      member1: { ...at, at: '10.0.0.1:1000', weight: 100 },
      member2: { ...at, at: '10.0.0.1:2000' },
      spare2: { ...at, at: '10.0.0.1:2000' },
    });
    now.paths = undefined;
    const wanted = slot(member('a', 0, true), member('bb', 100));
    expect(commands(wanted, now)).toEqual([
      'set server b/member2 weight 100',
      'set server b/member1 weight 0',
      'set server b/member1 state drain',
      'set server b/spare2 state maint',
    ]);
  });

  test('trust the spare of a member that serves at the same address, and no other', () => {
    const wanted = slot(member('a', 0));
    const serves = { at: '10.0.0.1:1000', weight: 100, state: 'ready' as const, health: 'healthy' as const };
    const provesSpare = (member1: Partial<ServerView>): boolean =>
      commands(wanted, view({ member1 })).includes('set server b/spare1 health down');
    expect(provesSpare(serves)).toBe(false);
    expect(provesSpare({ ...serves, health: 'unhealthy' })).toBe(true);
    expect(provesSpare({ ...serves, at: '10.0.0.9:1000' })).toBe(true);
    expect(provesSpare({ ...serves, state: 'maint' })).toBe(true);
  });

  test('are none when HAProxy is what it should be', () => {
    const now = view({ member1: { at: '10.0.0.1:1000', weight: 100, state: 'ready' } });
    now.paths = new Map([['member1', '/health']]);
    expect(commands(slot(member('a', 100)), now)).toEqual([]);
  });

  test('check a place that expects its instance, drained, until its time is over', () => {
    const wanted = { ...slot(member('a', 100)), coming: [{ number: 2, ...expected, until: 50 }] };
    const serves = { at: '10.0.0.1:1000', weight: 100, state: 'ready' as const };
    const before = view({ member1: serves });
    before.paths = new Map([['member1', '/health']]);
    expect(commands(wanted, before, 49)).toEqual([
      `set server b/member2 addr 10.0.0.1 port 9`,
      'del map /m member2',
      'add map /m member2 /health',
      'set server b/member2 weight 0',
      'set server b/member2 state drain',
      'set server b/member2 health down',
      `set server b/spare2 addr 10.0.0.1 port 9`,
      'del map /m spare2',
      'add map /m spare2 /health',
      'set server b/spare2 state drain',
      'set server b/spare2 health down',
    ]);
    const { servers } = view({ member1: serves, member2: waits, spare2: waits });
    const paths = new Map(['member1', 'member2', 'spare2'].map((name) => [name, '/health']));
    expect(commands(wanted, { ...before, servers, paths }, 49)).toEqual([]);
    expect(commands(wanted, { ...before, servers, paths }, 50)).toEqual([
      'set server b/member2 state maint',
      'set server b/spare2 state maint',
    ]);
  });

  test('give one that was expected no new checks when it comes, unless it has to pass them still', () => {
    const [serves, comes] = ['a', 'b'].map((name) => member(name, name === 'a' ? 100 : 0));
    const wanted = slot(...[serves, comes].filter((one) => one !== undefined));
    wanted.places['b'] = { number: 2, at: expected.at, base };
    const now = view({
      member1: { at: '10.0.0.1:1000', weight: 100, state: 'ready' },
      member2: { ...waits, health: 'healthy' },
      spare2: { ...waits, health: 'healthy' },
    });
    now.paths = new Map(['member1', 'member2', 'spare2'].map((name) => [name, '/health']));
    expect(commands(wanted, now)).toEqual([
      'set server b/member2 state ready',
      'set server b/spare2 state ready',
    ]);
    // After a reload everybody is called up until the next check; one that is down is trusted as little as before.
    const whoComes = (health: 'unhealthy' | 'unknown') =>
      commands(wanted, {
        ...now,
        servers: view({
          member1: now.servers.get('member1') ?? {},
          member2: { ...waits, health },
          spare2: { ...waits, health: 'healthy' },
        }).servers,
      });
    expect(whoComes('unknown')).toEqual([
      'set server b/member2 health down',
      'set server b/member2 state ready',
      'set server b/spare2 state ready',
    ]);
    expect(whoComes('unhealthy')).toEqual([
      'set server b/member2 state ready',
      'set server b/spare2 state ready',
    ]);
  });

  test('escape what would end a word or a command', () => {
    const odd = { ...member('a', 100), path: '/a b;c' };
    expect(commands(slot(odd), view({}))).toContain('add map /m member1 /a\\ b\\;c');
  });
});

describe('places in a backend', () => {
  test('go to servers without a request in flight first', () => {
    const wanted = slot(member('a', 0)).saved;
    const { places } = placed(
      wanted,
      { places: {} },
      new Map([['a', '10.0.0.1:9']]),
      view({ spare1: { inFlight: 1 } }),
      0,
    );
    expect(places['a']).toMatchObject({ number: 2, at: '10.0.0.1:9' });
  });

  test('that expect somebody are his, and for others the last ones', () => {
    const busy = view({ member1: { inFlight: 1 } }, 4);
    const before = expectedAt({ ...slot(), places: {} }, expected, 50, busy, 0);
    expect(before.coming).toEqual([{ number: 2, ...expected, until: 50 }]);
    const wanted = slot(member('a', 0)).saved;
    const at = (where: string) => placed(wanted, before, new Map([['a', where]]), busy, 10);
    expect(at(expected.at).places['a']).toMatchObject({ number: 2, at: expected.at });
    expect(at(expected.at).coming).toBeUndefined();
    expect(at('10.0.0.1:8').places['a']).toMatchObject({ number: 3 });
    expect(at('10.0.0.1:8').coming).toEqual(before.coming);
    const two = view({ member1: { inFlight: 1 } }, 2);
    expect(placed(wanted, before, new Map([['a', '10.0.0.1:8']]), two, 10)).toMatchObject({
      places: { a: { number: 2 } },
    });
    expect(placed({ ...wanted, members: [] }, before, new Map(), busy, 50).coming).toBeUndefined();
  });

  test('expect each one once, until he comes somewhere, does not come or is too late', () => {
    const now = view({}, 4);
    const nobody = { ...expected, at: nowhere };
    const one = expectedAt(slot(member('a', 100)), nobody, 50, now, 0);
    expect(one.coming).toEqual([{ number: 2, ...nobody, until: 50 }]);
    expect(expectedAt(one, expected, 90, now, 49).coming).toEqual([{ number: 2, ...expected, until: 90 }]);
    const other = { ...expected, key: 'launch.2', at: '10.0.0.1:8' };
    expect(expectedAt(one, other, 90, now, 10).coming?.map(({ number }) => number)).toEqual([2, 3]);
    expect(expectedAt(one, other, 90, now, 50).coming).toEqual([{ number: 2, ...other, until: 90 }]);
    expect(expectedAt(one, nobody, 10, now, 10).coming).toBeUndefined();
    // Two workers at one launch: what the one knows the other does not take back, also once it is a member.
    const known = expectedAt(one, expected, 50, now, 0);
    expect(expectedAt(known, nobody, 50, now, 0)).toEqual(known);
    const itself = { ...expected, at: '10.0.0.1:1000' };
    expect(expectedAt(slot(member('a', 100)), itself, 50, now, 0)).toEqual(slot(member('a', 100)));
    const full = slot(member('a', 0), member('bb', 0));
    expect(expectedAt(full, expected, 50, view({}), 0)).toEqual(full);
  });

  test.each([
    ['without weight is healthy once its spare is too', true, 'healthy', 'unhealthy', 'unhealthy'],
    ['without weight is not known before its spare is', true, 'healthy', 'unknown', 'unknown'],
    ['without weight and with a healthy spare is healthy', true, 'healthy', 'healthy', 'healthy'],
    ['without weight is as unhealthy as itself', true, 'unhealthy', 'healthy', 'unhealthy'],
    ['with weight needs no spare', false, 'healthy', 'unhealthy', 'healthy'],
  ] as const)('of a member %s', (_, standsBy, own, other, expected) => {
    const now = view({ member2: { health: own }, spare2: { health: other } });
    expect(healthAt(2, standsBy, now)).toBe(expected);
  });

  test('that are all taken are a quota with a sentence', () => {
    const wanted = slot(member('a', 0), member('bb', 0), member('ccc', 0)).saved;
    expect(() => placed(wanted, { places: {} }, new Map(), view({}), 0)).toThrow(
      /All 2 places of shop.production/,
    );
  });

  test('of a state folder that was lost are taken up as they serve', () => {
    const { saved } = adopted(
      'shop.production',
      80,
      view({ member2: { at: '10.0.0.9:80', weight: 40, state: 'ready' } }),
    );
    const { members } = adopted('shop.production', 80, view({ member1: waits })).saved;
    expect(members).toEqual([]);
    expect(saved.members).toMatchObject([{ instance: 'member2', address: 'http://10.0.0.9:80', weight: 40 }]);
  });
});
