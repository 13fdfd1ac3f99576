import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import { hideInLogs, withoutSecrets } from '../../src/ops/log.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { policy } from '../support/policies.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';

let slack: FakeSlack;
let world: CoreWorld;
let real: RealBot;

beforeEach(async () => {
  slack = await startFakeSlack();
  slack.users.set('UADA', { team_id: 'T1' });
  world = new CoreWorld(policy());
  real = await realBot(world, slack);
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

/** The newest line of the trail, its words read from beside the chain. */
async function last() {
  const entry = world.trail().at(-1);
  if (entry === undefined) return undefined;
  const { said, ...rest } = entry;
  return { ...rest, said: (await world.ledger.words([said]))[said] };
}

describe('in the audit trail stands', () => {
  it('who was shown what, and where it was asked', async () => {
    expect(await real.say('UADA', 'status hello')).toContain('hello');
    expect(await last()).toMatchObject({
      command: 'ask',
      outcome: 'accepted',
      by: { kind: 'person', team: 'T1', user: 'UADA' },
      said: 'Was shown: /bake status hello',
      channel: 'C1',
    });
  });

  it('a line that means nothing, with what was answered', async () => {
    await real.say('UADA', 'stauts hello');
    const { outcome, said } = (await last()) ?? {};
    expect(outcome).toBe('bad input');
    expect(said).toContain('/bake stauts hello: ');
    expect(said).toContain('Did you mean');
  });

  it('no secret that somebody typed into a line that means nothing', async () => {
    hideInLogs('a-code-for-one-claim');
    Object.assign(world.parts, { redact: withoutSecrets });
    expect(await real.say('UADA', 'clam a-code-for-one-claim')).toContain('clam');
    expect((await last())?.said).toContain('/bake clam [secret]');
  });

  it('a press on a button of another time, which did nothing', async () => {
    const told = await real.press('UADA', 'approve', encode({ service: 'hello' }));
    expect(told).toContain('This button is out of date');
    expect(await last()).toMatchObject({ command: 'ask', outcome: 'stale', card: '1.1' });
  });

  it('a command once, however it was answered', async () => {
    const before = world.trail().length;
    await real.say('UADA', 'hello one');
    expect(world.trail().slice(before)).toMatchObject([{ command: 'request release', outcome: 'accepted' }]);
  });
});

it('a question is answered although the ledger takes no trace of it', async () => {
  const { commit } = world.ledger;
  world.ledger.commit = () => Promise.reject(new Error('the disk is full'));
  expect(await real.say('UADA', 'status hello')).toContain('hello');
  world.ledger.commit = commit;
});
