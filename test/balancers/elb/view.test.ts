import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { booked, rewritten, tagOf } from '../../../src/balancers/elb/book.ts';
import { forwarding, weightsIn } from '../../../src/balancers/elb/forward.ts';
import { groupName, keyOf, letterOf, targetOf } from '../../../src/balancers/elb/names.ts';
import { type Group, givenFor, letters, type Seated } from '../../../src/balancers/elb/objects.ts';
import { memberOf, membersIn } from '../../../src/balancers/elb/view.ts';

const byIp = (instance: string, address: string): string => keyOf('ip', instance, address);
const group = (letter: Group['letter'], weight: number, targets: Record<string, string> = {}): Group => ({
  ...{ letter, arn: `arn:${letter}`, path: '/', weight, given: weight },
  targets: Object.entries(targets).map(([key, state]) => ({ key, state })),
});
const seated = (instance: string, letter: Group['letter'], weight: number): Seated => ({
  ...{ instance, address: `http://${instance}:80`, key: `${instance}:80`, path: '', letter, weight },
  ...{ draining: false, order: 1, epoch: 1 },
});

describe('the book of a slot', () => {
  const members = fc.uniqueArray(
    fc.record({
      instance: fc.stringMatching(/^i-[0-9a-f]{17}$/),
      address: fc.ipV4().map((ip) => `http://${ip}:8080`),
      letter: fc.constantFrom(...letters),
      weight: fc.nat(100),
      order: fc.nat(1_000),
      epoch: fc.nat(1_000),
      since: fc.option(fc.nat(), { nil: undefined }),
    }),
    { selector: ({ instance }) => instance, maxLength: 8 },
  );

  it('is read back as it was written, in characters that a tag may have', () => {
    fc.assert(
      fc.property(members, (all) => {
        const given = all.map(
          (one): Seated => ({
            ...one,
            ...{ path: '', key: byIp(one.instance, one.address), draining: one.since !== undefined },
          }),
        );
        const tags = Object.fromEntries(given.map(tagOf));
        for (const text of Object.entries(tags).flat()) expect(text).toMatch(/^[A-Za-z0-9 +=._:/@-]{1,256}$/);
        const strip = ({ since, ...one }: Seated) => (since === undefined ? one : { ...one, since });
        expect(booked(tags, byIp)).toEqual(given.map(strip));
        expect(rewritten(tags, given)).toEqual({ write: {}, remove: [] });
      }),
      { seed: 5 },
    );
  });

  it('leaves tags alone that are not its own', () => {
    const tags = {
      team: 'shop',
      'bakery:slot': 'hello.production',
      'bakery:member/gone': 'group=a at=http://1.2.3.4:80',
    };
    expect(rewritten(tags, [])).toEqual({ write: {}, remove: ['bakery:member/gone'] });
  });
});

describe('who is in a slot', () => {
  it('is told by the load balancer, not by the book', () => {
    const groups = [group('a', 100, { 'old:80': 'healthy' }), group('b', 0, { 'new:80': 'initial' })];
    const book = [seated('old', 'a', 100), seated('new', 'b', 0), seated('never', 'b', 0)];
    const { members } = membersIn(groups, book);
    expect(members.map((one) => memberOf(groups, one))).toMatchObject([
      { instance: 'old', weight: 100, health: 'healthy' },
      { instance: 'new', weight: 0, health: 'unknown' },
    ]);
  });

  it('has the rule’s weights when somebody else changed them', () => {
    const groups = [group('a', 60, { 'one:80': 'healthy', 'two:80': 'healthy' })];
    const { members } = membersIn(groups, [seated('one', 'a', 50), seated('two', 'a', 50)]);
    expect(members.map(({ weight }) => weight)).toEqual([30, 30]);
  });

  it('serves without weight while nobody has any, and counts as without', () => {
    const alone = [seated('first', 'a', 0)];
    expect([...givenFor(alone)]).toEqual([['a', 1]]);
    const { groups, members } = membersIn([group('a', 1, { 'first:80': 'healthy' }), group('b', 0)], alone);
    expect([groups.map(({ weight }) => weight), members.map(({ weight }) => weight)]).toEqual([[0, 0], [0]]);
    expect([...givenFor([seated('first', 'a', 100), seated('next', 'b', 0)])]).toEqual([
      ['a', 100],
      ['b', 0],
    ]);
  });

  it('shows a target that nobody wrote down, by its own id', () => {
    const groups = [group('a', 10, { 'i-0123456789abcdef0:8080': 'healthy' })];
    expect(membersIn(groups, []).members).toMatchObject([{ instance: 'i-0123456789abcdef0', weight: 10 }]);
  });

  it('counts one that drains until the load balancer lists it no more', () => {
    const drains = { ...seated('old', 'a', 0), draining: true, since: 1 };
    const inFlight = (groups: Group[]) =>
      membersIn(groups, [drains]).members.map((one) => memberOf(groups, one).inFlight);
    expect(inFlight([group('a', 0, { 'old:80': 'draining' })])).toEqual([1]);
    expect(inFlight([group('a', 0)])).toEqual([0]);
  });

  it('is where the weight is, while it changes its target group', () => {
    const groups = [group('a', 100, { 'one:80': 'healthy' }), group('b', 0, { 'one:80': 'initial' })];
    expect(membersIn(groups, [seated('one', 'b', 100)]).members).toMatchObject([
      { letter: 'a', weight: 100 },
    ]);
  });
});

describe('the name of a target group', () => {
  it('is one that ELB takes, and belongs to one slot of one load balancer', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,39}\.[a-z][a-z0-9-]{0,20}$/), (slot) => {
        const name = groupName('arn:one', slot, 'b');
        expect(name).toMatch(/^[A-Za-z0-9](?:-?[A-Za-z0-9])*$/);
        expect(name.length).toBeLessThanOrEqual(32);
        expect(letterOf(name, 'arn:one', slot)).toBe('b');
        expect(letterOf(name, 'arn:two', slot)).toBeUndefined();
      }),
      { seed: 3 },
    );
  });

  it('stands for targets by instance or by address', () => {
    expect(targetOf(keyOf('instance', 'i-1', 'http://10.0.0.5:8080'))).toEqual({ Id: 'i-1', Port: 8080 });
    expect(targetOf(keyOf('ip', 'i-1', 'http://[fd00::5]:8080'))).toEqual({ Id: 'fd00::5', Port: 8080 });
    expect(targetOf(keyOf('ip', 'i-1', 'http://10.0.0.5'))).toEqual({ Id: '10.0.0.5', Port: 80 });
  });
});

describe('a rule', () => {
  it('keeps the login and the stickiness that somebody gave it', () => {
    const sticky = { Enabled: true, DurationSeconds: 60 };
    const before = [
      { Type: 'authenticate-oidc' as const, Order: 1 },
      {
        Type: 'forward' as const,
        ...{ Order: 2, ForwardConfig: { TargetGroups: [], TargetGroupStickinessConfig: sticky } },
      },
    ];
    const after = forwarding(before, [group('a', 90), group('b', 10)]);
    expect(after).toMatchObject([
      { Type: 'authenticate-oidc', Order: 1 },
      { Type: 'forward', Order: 2, ForwardConfig: { TargetGroupStickinessConfig: sticky } },
    ]);
    expect([...weightsIn(after)]).toEqual([
      ['arn:a', 90],
      ['arn:b', 10],
    ]);
  });

  it('that forwards to nobody has no weights', () => {
    expect([...weightsIn([{ Type: 'fixed-response' }])]).toEqual([]);
  });
});
