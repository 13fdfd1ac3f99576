import { describe, expect, it } from 'vitest';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import { newInstallation } from '../../src/pipeline/domain/installation.ts';
import { type Right, rights } from '../../src/pipeline/domain/policy.ts';
import { permission } from '../../src/pipeline/domain/rights.ts';
import type { Verified } from '../../src/pipeline/domain/verified.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, bob, eve, policy } from '../support/policies.ts';

const claimed = { ...newInstallation, owner: { by: eve, at: 1 } };
const nobody = policy({ people: {} });

const may = (
  by: Actor,
  right: Right,
  over: {
    verified?: Verified;
    policy?: ReturnType<typeof policy>;
    installation?: typeof newInstallation;
  } = {},
  environment?: string,
) =>
  permission(
    { by, verified: over.verified },
    right,
    { policy: over.policy ?? policy(), installation: over.installation ?? newInstallation },
    environment,
  );

const group = policy({ people: { approve: ['T1/SREL'] } });
const inGroup: Verified = { groups: { in: ['T1/SREL'], askedAt: 5 } };

describe('a right', () => {
  it('is held by team and user id, and by nobody of the same id in another team', () => {
    expect(may(ada, 'approve')).toEqual({ right: 'approve', through: 'T1/UADA' });
    expect(may({ kind: 'person', team: 'T2', user: 'UADA' }, 'approve')).toMatchObject({
      refused: 'not allowed',
    });
  });

  it('of a user group is held by those whom Slack named, and says through which', () => {
    expect(may(bob, 'approve', { policy: group, verified: inGroup })).toEqual({
      right: 'approve',
      through: 'T1/SREL',
    });
    expect(may(bob, 'approve', { policy: group })).toMatchObject({ refused: 'not allowed' });
  });

  it('of a user group is held by nobody while Slack cannot be asked, and the sentence says so', () => {
    const answer = may(bob, 'approve', { policy: group, verified: { groups: 'unknown' } });
    expect(answer).toMatchObject({
      refused: 'not allowed',
      sentence: expect.stringContaining('could not be asked'),
    });
  });

  it('of a channel is held by whoever acts in that channel only', () => {
    const channel = policy({ people: { bake: ['T1/CREL'] } });
    expect(isRefusal(may(eve, 'bake', { policy: channel, verified: { channel: 'CREL' } }))).toBe(false);
    expect(isRefusal(may(eve, 'bake', { policy: channel, verified: { channel: 'COTHER' } }))).toBe(true);
  });

  it('in one environment is what that environment says, and elsewhere what the service says', () => {
    const split = policy({ peopleIn: { production: { rollback: ['T1/UEVE'] } } });
    expect(isRefusal(may(eve, 'rollback', { policy: split }, 'production'))).toBe(false);
    expect(isRefusal(may(ada, 'rollback', { policy: split }, 'production'))).toBe(true);
    expect(isRefusal(may(ada, 'rollback', { policy: split }, 'dev'))).toBe(false);
  });

  it('that is given to nobody is the administrators’, and before there are any it is nobody’s', () => {
    for (const right of rights) {
      expect(may(eve, right, { policy: nobody })).toMatchObject({
        sentence: expect.stringContaining('Nobody may yet'),
      });
      expect(isRefusal(may(eve, right, { policy: nobody, installation: claimed }))).toBe(false);
      expect(isRefusal(may(ada, right, { policy: nobody, installation: claimed }))).toBe(true);
    }
  });

  it('of who claimed Bakery ends when bot.yaml names administrators', () => {
    const named = policy({ people: {}, admins: ['T1/UBOB'] });
    expect(isRefusal(may(eve, 'lock', { policy: named, installation: claimed }))).toBe(true);
    expect(isRefusal(may(bob, 'lock', { policy: named, installation: claimed }))).toBe(false);
  });

  it('of an operator is all but to approve and to override, unless he breaks the glass with a reason', () => {
    const operator: Actor = { kind: 'operator', account: 'root' };
    expect(rights.filter((right) => isRefusal(may(operator, right)))).toEqual(['approve', 'override']);
    expect(isRefusal(may(operator, 'approve', { verified: { breakGlass: '  ' } }))).toBe(true);
    expect(may(operator, 'approve', { verified: { breakGlass: 'slack is down' } })).toMatchObject({
      through: 'break-glass',
    });
  });

  it('of a webhook, the poll and the clock is to release, and nothing else', () => {
    const machines: Actor[] = [
      { kind: 'webhook', source: 'github', delivery: '1' },
      { kind: 'poll' },
      { kind: 'clock' },
    ];
    for (const machine of machines) {
      expect(rights.filter((right) => !isRefusal(may(machine, right)))).toEqual(['bake']);
    }
  });
});

describe('claiming Bakery', () => {
  const claim = (world: CoreWorld, code: string, by = eve) =>
    world.do({ do: 'claim', service: 'all', code, by });
  const unclaimed = () => {
    const world = new CoreWorld(nobody);
    world.parts.claimCode = 'the code';
    return world;
  };

  it('with the code that was printed gives every right that the files give to nobody', async () => {
    const world = unclaimed();
    expect(await world.push('one', eve)).toMatchObject({ refused: 'not allowed' });
    expect(await claim(world, 'the code')).toMatchObject({ accepted: true });
    expect(await world.push('one', eve)).toMatchObject({ accepted: true });
    expect(await world.push('two', ada)).toMatchObject({ refused: 'not allowed' });
  });

  it('with another code, a second time, or where administrators are named is refused', async () => {
    const world = unclaimed();
    expect(await claim(world, 'a guess')).toMatchObject({ refused: 'not allowed' });
    await claim(world, 'the code');
    expect(await claim(world, 'the code', ada)).toMatchObject({ refused: 'already decided' });
    const named = unclaimed();
    named.parts.admins = ['T1/UBOB'];
    expect(await claim(named, 'the code')).toMatchObject({ refused: 'already decided' });
  });

  it('is open to nobody when no code was printed', async () => {
    expect(await claim(new CoreWorld(nobody), '')).toMatchObject({ refused: 'not allowed' });
  });
});
