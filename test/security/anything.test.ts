import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, Asked, Bot } from '../../src/bot/asked.ts';
import { vocabulary } from '../../src/bot/commands/index.ts';
import { onButton, onCommand, onForm, onReason, onShortcut } from '../../src/bot/requests.ts';
import { shortcutIds } from '../../src/bot/shortcuts.ts';
import { buttonIds } from '../../src/bot/views/button.ts';
import { formIds } from '../../src/bot/views/forms.ts';
import { actorKey } from '../../src/pipeline/domain/actor.ts';
import { CoreWorld } from '../support/core-world.ts';
import { startFakeSlack } from '../support/fake-slack.ts';
import { eve, policy } from '../support/policies.ts';
import { realBot } from '../support/real-bot.ts';

/** CI repeats itself; `BAKERY_PROPERTY_SEED=$RANDOM` looks elsewhere. */
const seeded = { seed: Number(process.env.BAKERY_PROPERTY_SEED ?? 20_261_126) };

const names = vocabulary.words.map(({ name }) => name);
const part = fc.oneof(
  fc.constantFrom(...names, 'hello', 'production', 'dev', 'all', 'v1', 'v2', '1', 'for', '2h', 'until', 'at'),
  fc.constantFrom(
    '2026-12-01',
    '"a reason"',
    '<@UADA>',
    '--force',
    '$(id)',
    '__proto__',
    'v999999999999',
    '-1',
    '🙂',
  ),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const line = fc.array(part, { maxLength: 7 }).map((parts) => parts.join(' '));
const value = fc.oneof(
  fc.json(),
  fc.string({ maxLength: 60 }),
  fc
    .record(
      {
        s: fc.constantFrom('hello', 'other', '__proto__'),
        v: fc.integer(),
        d: fc.constantFrom('hello.production.1', 'hello.dev.1', 'x'),
        e: fc.constantFrom('production', 'dev', 'nowhere'),
        g: fc.constantFrom('build', 'launch', 'x'),
        i: fc.string(),
        t: fc.string(),
        r: fc.string(),
      },
      { requiredKeys: ['s'] },
    )
    .map((made) => JSON.stringify(made)),
);
const request = fc.oneof(
  fc.record({ kind: fc.constantFrom('/bake' as const, '/rollback' as const), text: line }),
  fc.record({
    kind: fc.constant('click' as const),
    id: fc.oneof(fc.constantFrom(...buttonIds), fc.string()),
    value,
  }),
  fc.record({
    kind: fc.constant('dialog' as const),
    id: fc.constantFrom(...formIds),
    filled: fc.record(
      {
        service: fc.oneof(fc.constantFrom('hello', 'other', '__proto__'), fc.string()),
        version: fc.oneof(fc.constantFrom('production v1', 'v1', 'dev v2'), fc.string({ unit: 'binary' })),
        ref: fc.string(),
        reason: fc.string(),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    kind: fc.constant('reason' as const),
    service: fc.constantFrom('hello', 'other', '__proto__'),
    deployment: fc.constantFrom('hello.production.1', 'hello.dev.1', 'x'),
    reason: fc.string(),
  }),
  fc.record({ kind: fc.constant('shortcut' as const), id: fc.constantFrom(...shortcutIds) }),
);
type Made = typeof request extends fc.Arbitrary<infer One> ? One : never;

/** Does what Slack's adapter does with each of them. */
function send(bot: Bot, asked: Asked, made: Made): Promise<Answer> {
  switch (made.kind) {
    case 'click':
      return onButton(bot, asked, made.id, made.value);
    case 'dialog':
      return onForm(bot, asked, made.id, made.filled);
    case 'reason':
      return onReason(bot, asked, made);
    case 'shortcut':
      return onShortcut(bot, asked, made.id, undefined);
    default:
      return onCommand(bot, asked, made.kind, made.text);
  }
}

/** A client of which every method tells that it was called. */
function slackThat(called: () => void): Bot['clients'] {
  const method = async () => {
    called();
    return {};
  };
  const group = new Proxy({}, { get: () => method });
  const client = new Proxy({}, { get: () => group });
  return { interactive: client, progress: client } as Bot['clients'];
}

/** Ada holds every right, and Eve asks: nothing of what she says may come to anything. */
const mine = policy({
  people: {
    bake: ['T1/UADA'],
    approve: ['T1/UADA'],
    rollback: ['T1/UADA'],
    retire: ['T1/UADA'],
    lock: ['T1/UADA'],
    override: ['T1/UADA'],
  },
});

describe('ten thousand lines, clicks, dialogs and shortcuts of one who may nothing', () => {
  it('each get a sentence, never a crash, and never have an effect', async () => {
    const slack = await startFakeSlack();
    slack.users.set('UEVE', { team_id: 'T1' });
    const world = new CoreWorld(mine);
    await world.push('one');
    await world.run(5_000);
    const { pipeline, stop } = await realBot(world, slack);
    let dialogs = 0;
    const bot: Bot = {
      pipeline,
      people: {
        here: async (person) => person,
        problem: async () => undefined,
        problemNow: async () => undefined,
        name: async () => undefined,
      },
      membership: { groupsOf: async () => 'unknown', mailbox: async () => ({ is: 'unknown' }) },
      limits: { problem: () => undefined },
      admins: () => [],
      elsewhere: () => undefined,
      // Whatever is asked of Slack is a dialog that opens: nothing of it is needed to refuse her.
      clients: slackThat(() => {
        dialogs += 1;
      }),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      now: () => world.now,
      wake() {},
    };
    const asked = { by: eve, channel: 'C1', ephemeral: false, triggerId: 't' } as Asked;
    const before = world.eventTypes();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(request, async (made) => {
        const opened = dialogs;
        const answer = await send(bot, asked, made);
        if (answer?.refused) refused += 1;
        // All is answered in words, but for what opens a dialog.
        if (answer === undefined) expect(dialogs).toBeGreaterThan(opened);
        else expect(answer.text.trim()).not.toBe('');
      }),
      { ...seeded, numRuns: 10_000 },
    );
    expect(world.eventTypes()).toEqual(before);
    const of = world.trail().filter(({ by }) => actorKey(by) === actorKey(eve));
    expect(of.length).toBeGreaterThan(5_000);
    expect(of.filter(({ command, outcome }) => outcome === 'accepted' && command !== 'ask')).toEqual([]);
    expect(refused).toBeGreaterThan(5_000);
    await stop();
    await slack.close();
  }, 120_000);
});
