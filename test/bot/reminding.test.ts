import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { slackClients } from '../../src/bot/slack-clients.ts';
import { keepZones } from '../../src/bot/zones.ts';
import { openCalendars } from '../../src/composition/calendars.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { policy } from '../support/policies.ts';
import { realBot } from '../support/real-bot.ts';
import { until } from '../support/wait-for.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const hour = 3_600_000;
let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
  slack.users.set('UADA', { team_id: 'T1', real_name: 'Ada', tz: 'America/Los_Angeles' });
  slack.users.set('UBOB', { team_id: 'T1', real_name: 'Bob', tz: 'Asia/Tokyo' });
});
afterEach(() => slack.close());

/** v1 waits for Ada or Bob since noon in Greenwich, where nobody of them lives. */
async function waiting() {
  const asked = policy({ people: { bake: ['*'], approve: ['T1/UADA', 'T1/UBOB'], lock: ['*'] } });
  const world = new CoreWorld(asked);
  world.now = Date.parse('2026-11-25T12:00:00Z');
  const times = {
    policies: new Map([['hello', asked]]),
    freezes: [],
    reminders: { during: '* 9-16 * * 1-5', zone: 'UTC' },
    remindersOf: new Map(),
  };
  const { of, reminding } = openCalendars(() => times);
  world.parts.calendar = of;
  const real = await realBot(world, slack, { reminding });
  onTestFinished(() => real.stop());
  return { world, zones: reminding.zones };
}

describe('a reminder', () => {
  it('comes when one of those who must act works where he lives, and notifies him alone', async () => {
    const { world, zones } = await waiting();
    await until('the zones', () => zones.size === 2);
    await world.push('one');
    await world.run(5_000);
    const nine = Date.parse('2026-11-25T17:00:00Z');
    expect(world.deployment('hello.production.1').wait?.remindAt).toBe(nine);
    await world.run(nine - world.now + 2_000);
    const told = () => slack.messages.find(({ text }) => text.includes('still waits for your approval'));
    await until('the reminder', () => told() !== undefined);
    expect(told()?.text).toContain('<@UADA> or Bob: ');
    expect(JSON.stringify(told()?.blocks)).not.toContain('<@UBOB>');
  });

  it('comes by the configured zone as long as Slack does not tell where anybody lives', async () => {
    slack.fail('users.info', { status: 500 }, { status: 500 });
    const { world, zones } = await waiting();
    await until('the question', () => slack.of('users.info').length > 0);
    await world.push('one');
    await world.run(5_000);
    expect(zones.size).toBe(0);
    const { wait } = world.deployment('hello.production.1');
    expect((wait?.remindAt ?? 0) - (wait?.since ?? 0)).toBeLessThan(hour);
  });

  it('about a lock comes while its holder works where he lives', async () => {
    const { world, zones } = await waiting();
    zones.set('T1/UADA', 'America/Los_Angeles');
    const by = { kind: 'person', team: 'T1', user: 'UADA' } as const;
    const order = { do: 'lock', service: 'hello', environment: 'production', reason: 'a move', by } as const;
    await world.do({ ...order, until: world.now + 120 * hour });
    const asked = () => world.slot('production').lock?.nagAt ?? 0;
    // A day later it is four in the morning there, and another day later Saturday begins in Greenwich.
    expect(new Date(asked()).toISOString()).toBe('2026-11-26T17:00:00.000Z');
    await world.run(asked() - world.now + 2_000);
    expect(new Date(asked()).toISOString()).toMatch(/^2026-11-27T17:00/);
  });
});

describe('zones of people', () => {
  it('are asked of Slack again, and stay known while it is away', async () => {
    const zones = new Map<string, string>();
    const client = slackClients({ botToken: 'xoxb-1', apiUrl: slack.url, log }).progress;
    const people = () => ['T1/UGONE1', 'T1/UADA'];
    onTestFinished(keepZones({ people, zones, client, log, every: { usually: 10, afterTrouble: 10 } }));
    await until('the zone', () => zones.get('T1/UADA') === 'America/Los_Angeles');
    slack.fail('users.info', { status: 500 }, { error: 'ratelimited' });
    slack.users.set('UADA', { team_id: 'T1', tz: 'Europe/Paris' });
    await until('the new zone', () => zones.get('T1/UADA') === 'Europe/Paris');
    expect([...zones.keys()]).toEqual(['T1/UADA']);
  });
});
