import { createHmac } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { type RunningBot, startBot } from '../../src/bot/app.ts';
import type { Log } from '../../src/bot/log.ts';
import { type FakePipeline, fakePipeline } from './fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from './fake-slack.ts';
import { until } from './wait-for.ts';

const secret = 'a signing secret';
// A bot over signed HTTP, opened anew before each test by `openedForEach`.
export let slack: FakeSlack;
export let pipeline: FakePipeline;
let bot: RunningBot;
/** The errors in its log. */
export let logged: object[];
let trigger = 0;

export function openedForEach(): void {
  beforeEach(async () => {
    slack = await startFakeSlack();
    pipeline = fakePipeline(Date.now);
    logged = [];
    const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => void logged.push(fields) };
    bot = await startBot({
      pipeline,
      workspaces: [
        {
          mode: 'http',
          port: 0,
          botToken: 'xoxb-1',
          signingSecret: secret,
          apiUrl: slack.url,
          defaultChannel: 'C1',
        },
      ],
      log,
      now: Date.now,
    });
  });
  afterEach(async () => {
    await bot.stop();
    await slack.close();
  });
}

interface Sent {
  at?: number;
  signature?: string;
}

export async function send(form: Record<string, string>, sent: Sent = {}): Promise<number> {
  const body = new URLSearchParams(form).toString();
  const stamp = String(Math.floor((sent.at ?? Date.now()) / 1000));
  const signature =
    sent.signature ?? `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
  const answer = await fetch(`http://127.0.0.1:${bot.address?.port}/slack/events`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': signature,
    },
  });
  return answer.status;
}

export const command = (text: string, over: Record<string, string> = {}): Record<string, string> => ({
  command: '/bake',
  text,
  team_id: 'T1',
  user_id: 'UANN',
  channel_id: 'C1',
  trigger_id: `trigger-${trigger++}`,
  response_url: slack.responseUrl,
  ...over,
});

export const click = (id: string, value: string, over: object = {}): Record<string, string> => ({
  payload: JSON.stringify({
    type: 'block_actions',
    user: { id: 'UANN', team_id: 'T1' },
    team: { id: 'T1' },
    channel: { id: 'C1' },
    container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
    trigger_id: `trigger-${trigger++}`,
    response_url: slack.responseUrl,
    actions: [{ type: 'button', action_id: id, block_id: 'b', value, action_ts: '1.2' }],
    ...over,
  }),
});

export const submission = (view: object): Record<string, string> => ({
  payload: JSON.stringify({
    type: 'view_submission',
    user: { id: 'UBOB', team_id: 'T1' },
    team: { id: 'T1' },
    trigger_id: `trigger-${trigger++}`,
    view,
  }),
});

/** The sentence that the person got. */
export async function told(): Promise<string> {
  await until('an answer', () => slack.responses.length > 0);
  return slack.responses.shift()?.text ?? '';
}
