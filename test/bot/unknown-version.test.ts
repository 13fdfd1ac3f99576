import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nearestVersion } from '../../src/bot/nearest.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { bob, policy } from '../support/policies.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';

let slack: FakeSlack;
let world: CoreWorld;
let real: RealBot;

beforeEach(async () => {
  slack = await startFakeSlack();
  slack.users.set('UADA', { team_id: 'T1' });
  world = new CoreWorld(policy({ people: { bake: ['*'], approve: ['*'], rollback: ['*'], lock: ['*'] } }));
  real = await realBot(world, slack);
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

describe('a version that there is not', () => {
  it.each([
    ['/bake', 'diff hello v1 v99'],
    ['/bake', 'diff hello v99 v1'],
    ['/bake', 'log hello v99'],
    ['/bake', 'approve hello v99'],
    ['/bake', 'reject hello v99 production no'],
    ['/bake', 'deploy hello v99 dev'],
    ['/bake', 'keep hello v99'],
    ['/bake', 'cancel hello v99'],
    ['/bake', 'revoke hello v99 bad'],
    ['/bake', 'override hello v99 production bad'],
    ['/rollback', 'hello v99'],
    ['/rollback', 'hello v99 production'],
  ])('is asked about with the nearest that there is, by “%s %s” too', async (slash, line) => {
    await world.push('one', bob);
    await world.push('two', bob);
    const said = await real.say('UADA', line, slash);
    expect(said).toContain('There is no hello v99. Did you mean `v2`?');
    expect(world.trail().at(-1)).toMatchObject({ outcome: 'unknown version' });
  });

  it('is said to have none before it, where there are no releases', async () => {
    expect(await real.say('UADA', 'log hello v1')).toContain('it has no releases yet');
  });
});

describe('the nearest version', () => {
  it.each([
    [421, 42],
    [24, 42],
    [142, 42],
    [47, 42],
    [3, 2],
    [99, 42],
  ])('to %i is %i', (typed, meant) => {
    expect(nearestVersion(typed, [42, 17, 2, 1])).toBe(meant);
  });
});
