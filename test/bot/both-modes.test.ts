import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunningBot, startBot } from '../../src/bot/app.ts';
import type { Log } from '../../src/bot/log.ts';
import { type SlackSimulator, startSlackSimulator } from '../../src/slack-simulator/index.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { deployment, release, releaseView, wait } from '../support/sample.ts';
import { until } from '../support/wait-for.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const [ann, guest, deploys] = ['U0ANN00001', 'U0GUEST001', 'C0DEPLOYS1'];
let slack: SlackSimulator;
let bot: RunningBot;
let pipeline: FakePipeline;

async function start(mode: 'http' | 'socket'): Promise<void> {
  const port = await freePort();
  const secrets = { signingSecret: 'secret', botToken: 'xoxb-1', appToken: 'xapp-1' };
  slack = await startSlackSimulator({
    ...secrets,
    people: [
      { id: ann, name: 'ann' },
      { id: guest, name: 'guest', isGuest: true },
    ],
    channels: [{ id: deploys, name: 'deploys' }],
    rateLimits: true,
    delivery:
      mode === 'http' ? { kind: 'http', url: `http://127.0.0.1:${port}/slack/events` } : { kind: 'socket' },
  });
  pipeline = fakePipeline(Date.now);
  bot = await startBot({
    pipeline,
    log: quiet,
    now: Date.now,
    workspaces: [{ ...secrets, mode, port, apiUrl: `${slack.url}/api/`, defaultChannel: deploys }],
  });
  await until('readiness', () => bot.state().ready);
}

afterEach(async () => {
  await bot.stop();
  await slack.close();
});

describe.each(['http', 'socket'] as const)('over %s', (mode) => {
  it('a command, a click and a reason do the same', async () => {
    await start(mode);
    await slack.as(ann).command('/bake', 'hello', '#deploys');
    await until('the answer', () => slack.ephemerals(ann).length === 1);
    expect(pipeline.orders).toHaveLength(1);
    await slack.as(guest).command('/bake', 'hello', '#deploys');
    await until('the refusal', () => slack.ephemerals(guest).length === 1);
    expect(pipeline.orders).toHaveLength(1);

    const waiting = deployment('approve', { wait: wait('approval') });
    pipeline.releases.set('hello/2', releaseView({ deployments: [waiting] }));
    const content = { kind: 'release card' as const, service: 'hello', version: 2 };
    pipeline.put({ key: 'card', channel: deploys, content });
    await until('the card', () => slack.messages(deploys).length === 1);
    await slack.as(ann).click(cardShown(), { text: 'Approve' });
    await slack.as(ann).click(cardShown(), { text: 'Reject…' });
    await until('the dialog', () => slack.modals(ann).length === 1);
    const [dialog] = slack.modals(ann);
    if (dialog === undefined) throw new Error('The dialog is not there.');
    await slack.as(ann).submit(dialog, { text: 'not today' });
    await until('both commands', () => pipeline.commands.length === 2);
    expect(pipeline.commands).toMatchObject([{ do: 'approve' }, { do: 'reject', reason: 'not today' }]);

    pipeline.releases.set('hello/2', releaseView({ release: release('build', { state: 'cancelled' }) }));
    pipeline.put({ key: 'card', content });
    await until('the end on the card', () => cardShown().text.includes('cancelled'));
  });
});

it('a socket that was cut is told to readiness, and opened again', async () => {
  await start('socket');
  slack.dropSockets();
  await until('its being noticed', () => !bot.state().ready);
  await until('the new one', () => bot.state().ready, 8000);
  await slack.as(ann).command('/bake', 'help', '#deploys');
  await until('the answer', () => slack.ephemerals(ann).length === 1);
});

function cardShown() {
  const [card] = slack.messages(deploys);
  if (card === undefined) throw new Error('The card is not there.');
  return card;
}

/** A port that nothing listens on now: the simulator has to know it before the bot starts. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
