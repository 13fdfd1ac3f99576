import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Reach, type RunningBot, startBot } from '../../src/bot/app.ts';
import { slackReadiness } from '../../src/composition/slack.ts';
import { fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let slacks: readonly [FakeSlack, FakeSlack];
let bot: RunningBot;

beforeEach(async () => {
  slacks = [await startFakeSlack('T1'), await startFakeSlack('T2')];
  const workspace = (index: 0 | 1) => ({
    mode: 'http' as const,
    botToken: `xoxb-${index}`,
    signingSecret: `s${index}`,
    apiUrl: slacks[index].url,
    workspace: { team: `T${index + 1}`, name: ['acme', 'partner'][index] ?? '' },
    defaultChannel: 'C1',
  });
  const pipeline = fakePipeline(Date.now);
  bot = await startBot({ pipeline, log, now: Date.now, workspaces: [workspace(0), workspace(1)] });
  onTestFinished(async () => {
    await bot.stop();
    for (const slack of slacks) await slack.close();
  });
});

const asked = (index: 0 | 1, method: string): number => slacks[index].of(method).length;

it('the address of a message is asked for where it stands, and Bakery speaks for itself in the first', async () => {
  const at = { channel: 'C1', ts: '1.1' };
  await bot.link({ ...at, team: 'T2' });
  expect([asked(0, 'chat.getPermalink'), asked(1, 'chat.getPermalink')]).toEqual([0, 1]);
  await bot.link({ ...at, team: 'T9' });
  expect([asked(0, 'chat.getPermalink'), asked(1, 'chat.getPermalink')]).toEqual([0, 1]);
  await bot.say('C1', 'The newest hash.');
  const said = (index: 0 | 1) => slacks[index].messages.some(({ text }) => text === 'The newest hash.');
  expect([said(0), said(1)]).toEqual([true, false]);
});

it('Bakery is ready while one workspace is served, and not when none is', () => {
  const findings = (acme: Reach, partner: Reach): string[] => {
    const states = [
      { workspace: 'acme', state: acme },
      { workspace: 'partner', state: partner },
    ];
    return slackReadiness({ states: () => states }).map(({ name, check }) => {
      try {
        return `${name}: ${check()?.note ?? 'Fine.'}`;
      } catch (error) {
        return `${name}: not ready, ${error instanceof Error ? error.message : ''}`;
      }
    });
  };
  const away = { ready: false, reason: 'Slack says token_revoked' };
  expect(findings({ ready: true }, { ready: true, reason: 'Messages wait' })).toEqual([
    'slack acme: Fine.',
    'slack partner: Messages wait',
  ]);
  expect(findings({ ready: true }, away)).toEqual([
    'slack acme: Fine.',
    'slack partner: Away: Slack says token_revoked. The other workspaces are served.',
  ]);
  expect(findings(away, away)).toEqual([
    'slack acme: not ready, Slack says token_revoked',
    'slack partner: not ready, Slack says token_revoked',
  ]);
});
