import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { environment, policy } from '../support/policies.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';

const guarded = policy({
  people: {
    bake: ['T1/UADA', 'T1/UBOB'],
    approve: ['T1/UADA', 'T1/UBOB'],
    rollback: ['T1/UADA'],
    retire: ['T1/UADA'],
    lock: ['T1/UADA'],
    override: ['T1/UADA'],
  },
  environments: [
    environment('dev', 4001),
    environment('production', 4003, {
      promotion: 'approval',
      approvals: 1,
      selfApproval: false,
      production: true,
    }),
  ],
});

let slack: FakeSlack;
let world: CoreWorld;
let real: RealBot;
beforeEach(async () => {
  slack = await startFakeSlack();
  for (const user of ['UADA', 'UBOB', 'UEVE']) slack.users.set(user, { team_id: 'T1' });
  slack.mailboxes.set('ada@example.test', { id: 'UADA', team_id: 'T1' });
  world = new CoreWorld(guarded);
  real = await realBot(world, slack);
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

const command = (text: string, user_id = 'UADA') => ({
  command: '/bake',
  text,
  team_id: 'T1',
  user_id,
  channel_id: 'C1',
  trigger_id: `forged ${text}`,
  response_url: slack.responseUrl,
});
const first = 'hello.production.1';

/** Bob’s release of Ada’s commit waits for a yes; the value of its Approve button. */
async function waiting(): Promise<string> {
  await real.say('UBOB', 'hello');
  await world.run(5_000);
  const { image, plan } = world.deployment(first);
  return encode({ service: 'hello', deployment: first, image: image.digest, settings: plan.settings.digest });
}

describe('a forged request', () => {
  it.each([
    ['without a signature', { 'x-slack-signature': undefined }],
    ['with another signature', { 'x-slack-signature': `v0=${'0'.repeat(64)}` }],
    ['with a signature of another length', { 'x-slack-signature': 'v0=1' }],
    ['of ten minutes ago', { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000) - 600) }],
    ['of the future', { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000) + 600) }],
    ['with a time that is none', { 'x-slack-request-timestamp': 'yesterday' }],
  ])('%s is refused and does nothing', async (_, over) => {
    expect(await real.post(command('hello'), over)).toBe(401);
    expect(world.trail()).toEqual([]);
    expect(real.refs).toEqual([]);
  });

  it('is refused when it is played again, even by a bot that was started anew in between', async () => {
    const stamp = String(Math.floor(Date.now() / 1000));
    const again = { 'x-slack-request-timestamp': stamp };
    expect(await real.post(command('hello'), again)).toBe(200);
    expect(await real.post(command('hello'), again)).toBe(401);
    await real.stop();
    real = await realBot(world, slack);
    expect(await real.post(command('hello'), again)).toBe(401);
    expect(world.trail().filter(({ command: what }) => what === 'request release').length).toBeLessThan(2);
  });

  it('of two megabytes is refused, and the bot goes on', async () => {
    expect(await real.post(command('x'.repeat(2 * 1024 * 1024))).catch(() => 413)).toBeGreaterThanOrEqual(
      400,
    );
    expect(await real.say('UADA', 'help')).toContain('How to use Bakery');
  });
});

describe('somebody else’s button', () => {
  it('does nothing for one who does not hold the right, whatever it carries', async () => {
    const value = await waiting();
    expect(await real.press('UEVE', 'approve', value)).toContain('You may not approve');
    expect(await real.press('UEVE', 'retire', value)).toContain('You may not retire');
    expect(await real.press('UEVE', 'cancel-deployment', value)).toContain('You may not release');
    expect(world.deployment(first)).toMatchObject({ state: 'running', stage: 'approve', approvals: [] });
  });

  it('made for another service or deployment is answered in words and changes nothing', async () => {
    await waiting();
    const before = world.eventTypes();
    for (const value of [
      encode({ service: 'other', deployment: first, image: 'i', settings: 's' }),
      encode({ service: 'hello', deployment: '../../etc', image: 'i', settings: 's' }),
      encode({ service: '__proto__', deployment: first, image: 'i', settings: 's' }),
      '{"s":"hello","d":{"$ne":1}}',
      'not json',
    ]) {
      expect(await real.press('UADA', 'approve', value)).toMatch(/[.!]$/);
    }
    expect(await real.press('UADA', 'constructor', encode({ service: 'hello' }))).toContain('out of date');
    expect(world.eventTypes()).toEqual(before);
  });
});

describe('one’s own release', () => {
  it('is approved by no second path: the button, the word, a second deployment, an accomplice who deploys', async () => {
    const value = await waiting();
    const words = 'approve hello v1 production';
    expect(await real.press('UBOB', 'approve', value)).toContain('You asked for this release');
    expect(await real.press('UADA', 'approve', value)).toContain('You wrote this commit');
    // The word shows what there is to decide, and decides nothing.
    for (const user of ['UADA', 'UBOB']) expect(await real.say(user, words)).toContain('to decide');
    expect(world.deployment(first).approvals).toEqual([]);
    await real.press('UADA', 'cancel-deployment', value);
    await world.run(5_000);
    await real.say('UADA', 'deploy hello v1 production');
    await world.run(1_000);
    const { id, image, plan } = world.deployment('hello.production.2');
    const bound = { image: image.digest, settings: plan.settings.digest };
    const second = encode({ service: 'hello', deployment: id, ...bound });
    for (const user of ['UADA', 'UBOB'])
      expect(await real.press(user, 'approve', second)).toMatch(/somebody else has to approve/);
    await world.run(30_000);
    expect(world.ledgerSlot('production')?.live).toBeUndefined();
  });
});

describe('names and refs that are made to break out', () => {
  it.each([
    '--upload-pack=touch${IFS}/tmp/x',
    '-c',
    '$(id)',
    '`id`',
    'a;id',
    'a..b',
    'a b',
    '../../../etc/passwd',
    'main\u0000x',
    'refs/heads/main:refs/heads/x',
    '\u202egnp.exe',
  ])('“%s” is answered in words; git is asked for no ref that its own rules forbid', async (ref) => {
    expect(await real.say('UADA', `hello ${ref}`)).not.toBe('');
    expect(real.refs.filter((asked) => /^-|\.\.|[\s\0:~^]/.test(asked))).toEqual([]);
  });

  it('as reasons are kept as words: no mention, no link, no mark-up of theirs', async () => {
    const value = await waiting();
    const reason = '<!channel> <https://evil.example|click> *bold* `code`';
    expect(await real.say('UADA', `lock hello production "${reason}"`)).toContain('locked');
    const refusal = await real.press('UADA', 'approve', value);
    expect(refusal).toContain('click');
    expect(refusal).not.toContain('<!channel>');
    expect(refusal).not.toContain('<https://');
  });
});
