import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { calendarOf } from '../../src/config/calendar.ts';
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
  world.now = Date.now();
  real = await realBot(world, slack);
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

async function shown(line: string): Promise<string> {
  const before = slack.responses.length;
  await real.say('UADA', line);
  return JSON.stringify(slack.responses[before]?.blocks);
}

describe('a freeze', () => {
  it('stands in status with who, until when and why, though nothing waits for its end', async () => {
    expect(await shown('status hello')).not.toContain('frozen');
    expect(await real.say('UADA', 'freeze hello "the audit" for 2h')).toContain('hello is frozen');
    const said = await shown('status hello');
    expect(said).toMatch(/\*production\*: nothing is live · 🧊 frozen by <@UADA> until .*: the audit/);
    expect(said).not.toMatch(/\*dev\*: nothing is live · 🧊/);
    await real.say('UADA', 'unfreeze hello');
    expect(await shown('status hello')).not.toContain('frozen');
  });

  it('of the configuration stands in status by the name of its window', async () => {
    const weekend = { name: 'weekend', from: '0 16 * * 5', to: '0 8 * * 1', zone: 'UTC' };
    world.parts.calendar = (service) => calendarOf(service, { freezes: [weekend] });
    world.now = Date.parse('2026-11-28T12:00:00Z');
    expect(await shown('status')).toContain('🧊 frozen by the configuration (weekend) until');
  });

  it('is told with its reason by why and on the card of what waits for its end', async () => {
    await world.push('one', bob);
    await world.run(5_000);
    await real.say('UADA', 'freeze hello "the audit" for 2h');
    expect(await shown('why hello')).toContain('the end of a freeze in *production*, by <@UADA> until');
    real.bot.wake();
    const card = await real.bot.card({ service: 'hello', version: 1 });
    expect(card?.lines.join('\n')).toMatch(/production is frozen by <?@UADA>? until .*: the audit; then/);
  });
});
