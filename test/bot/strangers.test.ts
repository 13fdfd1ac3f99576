import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { policy } from '../support/policies.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';

let slack: FakeSlack;
let world: CoreWorld;
let real: RealBot;

async function open(made: ReturnType<typeof policy>): Promise<void> {
  world = new CoreWorld(made);
  real = await realBot(world, slack);
}

beforeEach(async () => {
  slack = await startFakeSlack();
  slack.users.set('UADA', { team_id: 'T1' });
  slack.users.set('UGUEST', { team_id: 'T1', is_restricted: true });
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

const offered = (user: string) =>
  real.ask({
    payload: JSON.stringify({
      type: 'block_suggestion',
      action_id: 'suggest-service',
      block_id: 'service',
      value: '',
      team: { id: 'T1' },
      user: { id: user, team_id: 'T1' },
      api_app_id: 'A1',
      view: { id: 'V1', type: 'modal', state: { values: {} } },
    }),
  });

describe('a guest', () => {
  it('is offered no service in a dialog, and told none by a line that means nothing', async () => {
    await open(policy());
    expect(await offered('UADA')).toContain('hello');
    expect(await offered('UGUEST')).not.toContain('hello');
    expect(await real.say('UADA', 'helo')).toContain('Did you mean');
    expect(await real.say('UGUEST', 'helo')).toContain('Guests cannot do this');
  });

  it('who asks again and again leaves no trace for each time, and uses up nothing of anybody else', async () => {
    await open(policy());
    for (let times = 0; times < 70; times++) await real.say('UGUEST', 'status hello');
    const before = world.trail().length;
    expect(before).toBeLessThanOrEqual(62);
    expect(await real.say('UGUEST', 'status hello')).toContain('That was more than 60 requests');
    expect(world.trail().length).toBe(before);
    expect(await real.say('UADA', 'status hello')).toContain('hello');
  });
});

describe('an administrator of bot.yaml', () => {
  it('releases a service whose file gives the right to nobody', async () => {
    await open(policy({ people: {}, admins: ['T1/UADA'] }));
    expect(await real.say('UADA', 'hello one')).toContain('hello v1 is on its way');
  });

  it('who claimed Bakery instead is shown as the one who may', async () => {
    await open(policy({ people: {} }));
    const by = { kind: 'person', team: 'T1', user: 'UADA' } as const;
    Object.assign(world.parts, { claimCode: '1234' });
    expect(real.pipeline.query.policy('hello')?.admins).toEqual([]);
    expect(await world.deciding.command({ do: 'claim', service: 'all', code: '1234', by })).toMatchObject({
      accepted: true,
    });
    expect(real.pipeline.query.policy('hello')?.admins).toEqual(['T1/UADA']);
  });
});
