import { describe, expect, it } from 'vitest';
import { first, production, waiting } from '../support/approval-worlds.ts';
import { ada, bob, eve } from '../support/policies.ts';

const hour = 3_600_000;
const minutes = 60_000;

describe('an approval', () => {
  it('of N people takes N distinct people', async () => {
    const world = await waiting({ approvals: 2 });
    expect(await world.approve(first, ada)).toMatchObject({
      sentence: expect.stringContaining('1 more to go'),
    });
    await world.run(5_000);
    expect(await world.approve(first, ada)).toMatchObject({
      refused: 'already decided',
      sentence: 'You have approved this already, 5 s ago.',
    });
    expect(world.deployment(first).wait?.for).toBe('approval');
    await world.approve(first, bob);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('takes as many people as the files ask for at the click, when that is more than at the request', async () => {
    const world = await waiting();
    Object.assign(world.parts, { policies: new Map([['hello', production({ approvals: 2 })]]) });
    expect(await world.approve(first, ada)).toMatchObject({
      sentence: expect.stringContaining('1 more to go'),
    });
    await world.run(30_000);
    expect(world.slot('production').live).toBeUndefined();
    await world.approve(first, bob);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('of who asked for the release does not count, not even when somebody else deploys it', async () => {
    const world = await waiting();
    expect(await world.approve(first, eve)).toMatchObject({ refused: 'not in good standing' });
    await world.do({ do: 'cancel deployment', service: 'hello', deployment: first, by: bob });
    await world.run(5_000);
    const again = await world.do({
      do: 'deploy',
      service: 'hello',
      version: 1,
      environment: 'production',
      by: bob,
    });
    expect(again).toMatchObject({ accepted: true });
    expect(await world.approve('hello.production.2', eve)).toMatchObject({ refused: 'not in good standing' });
    expect(await world.approve('hello.production.2', bob)).toMatchObject({ refused: 'not in good standing' });
    expect(await world.approve('hello.production.2', ada)).toMatchObject({ accepted: true });
  });

  it('of the author of the commit or of who pushed it does not count', async () => {
    const world = await waiting();
    const his = { is: 'person' as const, key: 'T1/UBOB' };
    expect(await world.approve(first, bob, { author: his })).toMatchObject({
      sentence: expect.stringContaining('You wrote this commit'),
    });
    expect(await world.approve(first, bob, { pusher: his })).toMatchObject({
      sentence: expect.stringContaining('You pushed this commit'),
    });
  });

  it('takes two others where nobody in Slack has the author’s e-mail address', async () => {
    for (const author of [{ is: 'nobody' as const }, { is: 'unknown' as const }]) {
      const world = await waiting();
      expect(await world.approve(first, ada, { author })).toMatchObject({
        sentence: expect.stringContaining('1 more to go'),
      });
      await world.approve(first, bob, { author });
      expect(world.deployment(first).stage).not.toBe('approve');
    }
  });

  it('of oneself counts where the service says so', async () => {
    const world = await waiting({ selfApproval: true });
    expect(await world.approve(first, eve, { author: { is: 'nobody' } })).toMatchObject({ accepted: true });
  });

  it('takes one of those whom the files name at the click, also where they named nobody at the request', async () => {
    const world = await waiting();
    Object.assign(world.parts, { policies: new Map([['hello', production({ oneOf: ['T1/UBOB'] })]]) });
    expect(await world.approve(first, ada)).toMatchObject({
      sentence: expect.stringContaining('One of <@UBOB> is still to say yes'),
    });
    await world.run(30_000);
    expect(world.slot('production').live).toBeUndefined();
    await world.approve(first, bob);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('needs one of the required group among those who say yes', async () => {
    const world = await waiting({ oneOf: ['T1/SSRE'] });
    expect(await world.approve(first, ada)).toMatchObject({
      sentence: expect.stringContaining('<!subteam^SSRE>'),
    });
    await world.approve(first, bob, { groups: { in: ['T1/SSRE'], askedAt: 7 } });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment(first).approvals[1]).toMatchObject({ required: true, groups: ['T1/SSRE'] });
  });

  it('of a commit that is not on the branch is refused, and an override puts that aside', async () => {
    const world = await waiting();
    expect(await world.approve(first, ada, { reachable: false })).toMatchObject({
      sentence: expect.stringContaining('cannot be reached from main'),
    });
    const asked = { do: 'override', service: 'hello', version: 1, environment: 'production' } as const;
    expect(await world.do({ ...asked, reason: ' ', by: ada })).toMatchObject({ refused: 'bad input' });
    expect(await world.do({ ...asked, reason: 'the site is down', by: bob })).toMatchObject({
      refused: 'not allowed',
    });
    await world.do({ ...asked, reason: 'the site is down', by: ada, verified: { reachable: false } });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment(first).override).toMatchObject({ by: ada, lifts: ['approvals', 'branch'] });
  });

  it('is bound to image, settings and test run, and keeps through what it was allowed', async () => {
    const world = await waiting();
    await world.approve(first, ada);
    expect(world.deployment(first).approvals[0]).toMatchObject({
      image: world.release(1).image?.digest,
      settings: 'sha256:production',
      tests: { generation: 1, failed: 0 },
      through: { right: 'approve', environment: 'production', through: '*' },
    });
  });

  it('that waited too long to be launched is void, and people are asked anew', async () => {
    const world = await waiting({ approvals: 2, approveWithin: 10 * minutes, soak: 12 * minutes });
    const yes = async (id: string, by: typeof ada) =>
      expect(await world.approve(id, by)).toMatchObject({ accepted: true });
    await yes(first, ada);
    await yes(first, bob);
    await world.run(30_000);
    await world.push('two', eve);
    await world.run(5_000);
    await yes('hello.production.2', ada);
    await world.run(9 * minutes);
    await yes('hello.production.2', bob);
    await world.run(5 * minutes);
    expect(world.eventTypes()).toContain('ApprovalsVoided');
    expect(world.deployment('hello.production.2')).toMatchObject({
      approvals: [],
      wait: { for: 'approval' },
    });
  });

  it('is asked for again and again, later and later, and expires at its deadline', async () => {
    const world = await waiting({ approveWithin: 24 * hour });
    for (let step = 0; step < 48; step++) await world.run(hour / 2);
    const { reminders, state } = world.deployment(first);
    expect(reminders).toBe(5);
    await world.run(hour);
    expect(state === 'expired' || world.deployment(first).state === 'expired').toBe(true);
  });

  it('that is not given in time is asked for once more where the service says so', async () => {
    const world = await waiting({ approveWithin: hour, atDeadline: 'ask again' });
    await world.run(hour + 10_000);
    expect(world.deployment(first)).toMatchObject({ state: 'running', wait: { for: 'approval' } });
    await world.run(hour + 10_000);
    expect(world.deployment(first).state).toBe('expired');
  });
});

describe('breaking the glass', () => {
  it('is enough where one has to agree, although Slack does not know the author', async () => {
    const world = await waiting();
    const root = { kind: 'operator', account: 'root' } as const;
    const facts = { breakGlass: 'the shop is down', author: { is: 'unknown' as const } };
    await world.approve(first, root, facts);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
  });
});
