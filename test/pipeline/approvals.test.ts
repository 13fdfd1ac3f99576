import { describe, expect, it } from 'vitest';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';

const hour = 3_600_000;
const minutes = 60_000;
const production = (more: Partial<EnvironmentPolicy> = {}) =>
  policy({
    people: {
      bake: ['*'],
      approve: ['*'],
      rollback: ['*'],
      retire: ['*'],
      lock: ['*'],
      override: ['T1/UADA'],
    },
    environments: [
      environment('dev', 4001),
      environment('production', 4003, {
        promotion: 'approval',
        approvals: 1,
        selfApproval: false,
        production: true,
        ...more,
      }),
    ],
  });

/** v1 was pushed by Eve and waits for approval. */
async function waiting(more: Partial<EnvironmentPolicy> = {}): Promise<CoreWorld> {
  const world = new CoreWorld(production(more));
  await world.push('one', eve);
  await world.run(5_000);
  return world;
}
const first = 'hello.production.1';

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

describe('a newer release, where an older one waits for approval', () => {
  const both = async (whenNewer: EnvironmentPolicy['whenNewer'] & string) => {
    const world = await waiting({ whenNewer });
    await world.push('two', eve);
    await world.run(5_000);
    return world;
  };
  const second = 'hello.production.2';

  it('replaces it', async () => {
    const world = await both('replace');
    expect(world.deployment(first).state).toBe('overtaken');
    expect(world.deployment(second).wait?.for).toBe('approval');
  });

  it('queues behind it, and is asked about when that one is decided', async () => {
    const world = await both('queue');
    expect(world.deployment(first).wait?.for).toBe('approval');
    expect(world.deployment(second).wait?.for).toBe('turn');
    expect(await world.approve(second, ada)).toMatchObject({ refused: 'too late' });
    await world.approve(first, ada);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment(second).wait?.for).toBe('approval');
  });

  it('is kept beside it, and whichever is newer wins in the end', async () => {
    const world = await both('keep');
    await world.approve(second, ada);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(2);
    expect(await world.approve(first, ada)).toMatchObject({ refused: expect.any(String) });
  });

  it('offers all three, and nothing is ended before somebody chose', async () => {
    for (const [choice, older, newer] of [
      ['replace', 'overtaken', 'approval'],
      ['queue', 'running', 'turn'],
      ['keep', 'running', 'approval'],
    ] as const) {
      const world = await both('ask');
      expect(world.deployment(first).state).toBe('running');
      await world.do({ do: 'give way', service: 'hello', deployment: second, choice, by: bob });
      await world.run(2_000);
      expect([world.deployment(first).state, world.deployment(second).wait?.for]).toEqual([older, newer]);
    }
  });

  it('never waits with a lease: what waits for people holds none', async () => {
    for (const mode of ['replace', 'queue', 'keep', 'ask'] as const) {
      expect((await both(mode)).slot('production').lease).toBeUndefined();
    }
  });
});

describe('an approval of a release that failed at first', () => {
  it('of who had the failed build tried again does not count', async () => {
    const world = new CoreWorld(production());
    world.say = ({ kind }) => (kind === 'build' ? failed('command failed', 'no') : undefined);
    await world.push('one', eve);
    await world.run(5_000);
    world.say = () => undefined;
    const again = { do: 'retry release', service: 'hello', version: 1, stage: 'build', by: bob } as const;
    expect(await world.do(again)).toMatchObject({ accepted: true });
    await world.run(5_000);
    expect(await world.approve(first, bob)).toMatchObject({ refused: 'not in good standing' });
    expect(await world.approve(first, ada)).toMatchObject({ accepted: true });
  });
});

describe('an approval whose launch failed', () => {
  /** Approved by Ada, and nothing could be started. */
  async function failedLaunch(): Promise<CoreWorld> {
    const world = await waiting();
    world.say = ({ kind, effect }) =>
      kind === 'launch' && effect.includes('production') ? failed('quota', 'full') : undefined;
    await world.approve(first, ada);
    await world.run(30_000);
    world.say = () => undefined;
    return world;
  }
  const retry = (world: CoreWorld) =>
    world.do({ do: 'retry deployment', service: 'hello', deployment: first, stage: 'launch', by: bob });

  it('of oneself counts no more once the files say so, also for what waits already', async () => {
    const world = await waiting({ selfApproval: true });
    Object.assign(world.parts, { policies: new Map([['hello', production({ selfApproval: false })]]) });
    expect(await world.approve(first, eve)).toMatchObject({
      sentence: 'You asked for this release, so somebody else has to approve it.',
    });
    expect(await world.approve(first, bob)).toMatchObject({ accepted: true });
  });

  it('is not enough for more people than the files ask for by then', async () => {
    const world = await failedLaunch();
    Object.assign(world.parts, { policies: new Map([['hello', production({ approvals: 2 })]]) });
    expect(await retry(world)).toMatchObject({ accepted: true });
    await world.run(30_000);
    expect(world.slot('production').live).toBeUndefined();
    expect(world.deployment(first).wait?.for).toBe('approval');
  });

  it('is not replaced by the yes of who had it tried again with other settings', async () => {
    const world = await failedLaunch();
    const settings = { digest: 'sha256:other', values: { GREETING: { value: 'hi' } } };
    Object.assign(world.parts, { policies: new Map([['hello', production({ settings })]]) });
    await retry(world);
    await world.run(5_000);
    expect(await world.approve(first, bob)).toMatchObject({
      refused: 'not in good standing',
      sentence: expect.stringContaining('You asked for this release'),
    });
    expect(await world.approve(first, ada)).toMatchObject({ accepted: true });
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
