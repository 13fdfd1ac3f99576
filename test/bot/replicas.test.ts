import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { startBot } from '../../src/bot/app.ts';
import { encode } from '../../src/bot/views/button-value.ts';
import { startSlackSimulator } from '../../src/slack-simulator/index.ts';
import { CoreWorld } from '../support/core-world.ts';
import { fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { type RealBot, realBot, signingSecret } from '../support/real-bot.ts';
import { until } from '../support/wait-for.ts';

let slack: FakeSlack;
let world: CoreWorld;
let replicas: RealBot[];
beforeEach(async () => {
  slack = await startFakeSlack();
  for (const user of ['UADA', 'UBOB']) slack.users.set(user, { team_id: 'T1' });
  world = new CoreWorld();
  replicas = [await realBot(world, slack), await realBot(world, slack)];
  await world.push('one');
  await world.run(5_000);
});
afterEach(async () => {
  for (const one of replicas) await one.stop();
  await slack.close();
});

/** One click, as Slack tells of it each time that it delivers it. */
const click = (trigger: string, user = 'UADA') => {
  const { image, plan } = world.deployment('hello.production.1');
  const value = { service: 'hello', deployment: 'hello.production.1' };
  return {
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: user, team_id: 'T1' },
      team: { id: 'T1' },
      channel: { id: 'C1' },
      container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
      trigger_id: trigger,
      response_url: slack.responseUrl,
      actions: [
        {
          type: 'button',
          action_id: 'approve',
          block_id: 'b',
          value: encode({ ...value, image: image.digest, settings: plan.settings.digest }),
          action_ts: '1.2',
        },
      ],
    }),
  };
};

/** Signed anew at another second, as a retry is. */
const signedAt = (form: Record<string, string>, second: number) => {
  const stamp = String(second);
  const body = new URLSearchParams(form).toString();
  const mac = createHmac('sha256', signingSecret).update(`v0:${stamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${mac}` };
};
const decisions = () => world.trail().filter(({ command }) => command === 'approve');

it('one click that is delivered to both bots of a ledger is acted on once', async () => {
  const form = click('gesture-1');
  const now = Math.floor(Date.now() / 1000);
  const answers = await Promise.all(
    replicas.map((one, index) => one.post(form, signedAt(form, now - index))),
  );
  expect(answers).toEqual([200, 200]);
  await until('the decision', () => decisions().length > 0);
  await world.run(1_000);
  expect(decisions()).toMatchObject([{ outcome: 'accepted' }]);
  expect(slack.responses).toEqual([]);
});

it('two clicks of one person at once, one on each bot, are two gestures and one decision', async () => {
  await Promise.all(replicas.map((one, index) => one.post(click(`gesture-${index}`))));
  await until('both answers', () => decisions().length === 2);
  expect(
    decisions()
      .map(({ outcome }) => outcome)
      .sort(),
  ).toEqual(['accepted', 'already decided']);
  await until('the sentence', () => slack.responses.length === 1);
  expect(slack.responses[0]?.text).toContain('already');
});

it('a request that Slack sends again down the other bot’s socket is acted on once', async () => {
  const secrets = { signingSecret: 'secret', botToken: 'xoxb-1', appToken: 'xapp-1' };
  const ann = 'U0ANN00001';
  const simulator = await startSlackSimulator({
    ...secrets,
    people: [{ id: ann, name: 'ann' }],
    channels: [{ id: 'C0DEPLOYS1', name: 'deploys' }],
    rateLimits: false,
    delivery: { kind: 'socket' },
  });
  const pipeline = fakePipeline(Date.now);
  const said: string[] = [];
  const bots = await Promise.all(
    [1, 2].map(() =>
      startBot({
        pipeline,
        log: { debug() {}, info: (_, what) => void said.push(what), warn() {}, error() {} },
        now: Date.now,
        workspaces: [
          { ...secrets, mode: 'socket', apiUrl: `${simulator.url}/api/`, defaultChannel: 'C0DEPLOYS1' },
        ],
        firstTime: (id) => world.ledger.firstTime('slack', id, Date.now()),
      }),
    ),
  );
  onTestFinished(async () => {
    for (const bot of bots) await bot.stop();
    await simulator.close();
  });
  await until('both sockets', () => bots.every((bot) => bot.state().ready));
  await simulator.as(ann).command('/bake', 'hello', '#deploys');
  await until('the order', () => pipeline.orders.length === 1);
  // Envelopes go to the connections in turn.
  expect(await simulator.deliverAgain()).toMatchObject({ ok: true });
  await until('its being left out', () => said.some((what) => what.includes('came a second time')));
  await simulator.as(ann).command('/bake', 'status', '#deploys');
  await until('an answer to each', () => simulator.ephemerals(ann).length === 2);
  expect(pipeline.orders).toHaveLength(1);
});
