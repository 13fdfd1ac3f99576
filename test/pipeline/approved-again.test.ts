import { describe, expect, it } from 'vitest';
import { first, production, waiting } from '../support/approval-worlds.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, bob, eve } from '../support/policies.ts';

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
