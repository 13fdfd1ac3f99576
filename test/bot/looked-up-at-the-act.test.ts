import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { policy } from '../support/policies.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';

let slack: FakeSlack;
let world: CoreWorld;
let real: RealBot;
/** How far the bot's clock is before the real one. */
let ahead = 0;

beforeEach(async () => {
  ahead = 0;
  slack = await startFakeSlack();
  for (const user of ['UADA', 'UBOB']) slack.users.set(user, { team_id: 'T1' });
  world = new CoreWorld(policy());
  real = await realBot(world, slack, { now: () => Date.now() + ahead });
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

/** Bob’s release waits for Ada, who was looked up just now; the value of its Approve button. */
async function waitingForAda(): Promise<string> {
  await real.say('UBOB', 'hello');
  await world.run(5_000);
  expect(await real.say('UADA', 'status hello')).toContain('hello');
  ahead += 20_000;
  const { image, plan } = world.deployment('hello.production.1');
  const deployment = 'hello.production.1';
  return encode({ service: 'hello', deployment, image: image.digest, settings: plan.settings.digest });
}

describe('who acts', () => {
  it.each([
    ['a guest by now', { is_restricted: true }, 'Guests cannot do this'],
    ['deactivated by now', { deleted: true }, 'is deactivated'],
    ['of another workspace by now', { team_id: 'T2' }, 'Only people of the workspace'],
  ])('is looked up at the act: %s is refused, whatever was known of him', async (_, change, sentence) => {
    const button = await waitingForAda();
    slack.users.set('UADA', { team_id: 'T1', ...change });
    expect(await real.press('UADA', 'approve', button)).toContain(sentence);
    expect(world.deployment('hello.production.1').approvals).toEqual([]);
    expect(world.trail().at(-1)).toMatchObject({ command: 'approve', outcome: 'not allowed' });
  });

  it('is refused while Slack cannot be asked who he is, and may go on reading', async () => {
    const button = await waitingForAda();
    slack.fail('users.info', { status: 500 });
    expect(await real.press('UADA', 'approve', button)).toContain('Slack could not be asked who you are');
    expect(world.deployment('hello.production.1').approvals).toEqual([]);
    slack.fail('users.info', { status: 500 });
    expect(await real.say('UADA', 'status hello')).toContain('hello');
  });

  it('costs Slack one question in ten seconds, however often he presses', async () => {
    await waitingForAda();
    const before = slack.of('users.info').length;
    for (let times = 0; times < 5; times++) await real.say('UADA', 'unlock hello production');
    expect(slack.of('users.info').length - before).toBe(1);
    ahead += 10_000;
    await real.say('UADA', 'unlock hello production');
    expect(slack.of('users.info').length - before).toBe(2);
  });
});
