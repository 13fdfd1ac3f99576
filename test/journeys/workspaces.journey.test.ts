import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SlackSimulator } from '../../src/slack-simulator/index.ts';
import type { Message } from '../../src/slack-simulator/types.ts';
import { buttonsOf, readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { people } from './town.ts';
import { channel, openTwins, type Twins, type Which, workspaces } from './twins.ts';

let twins: Twins;
const { ann, bob } = people;
afterEach(() => twins.close());

const cardIn = (slack: SlackSimulator, words: string): Message | undefined =>
  slack.messages(channel).find((one) => readable(one).includes(words));

async function card(slack: SlackSimulator, words: string, within = 15_000): Promise<Message> {
  try {
    await until(`a card that says ${words}`, () => cardIn(slack, words) !== undefined, within);
  } catch (error) {
    throw new Error(`${String(error)}; there is: ${everything(slack)} ${JSON.stringify(twins.bot.states())}`);
  }
  const found = cardIn(slack, words);
  if (found === undefined) throw new Error('It was there a moment ago.');
  return found;
}

async function toldTo(slack: SlackSimulator, user: string, words: string): Promise<void> {
  const said = (): string => slack.ephemerals(user).map(readable).join('\n');
  try {
    await until(words, () => said().includes(words), 8_000);
  } catch {
    throw new Error(`${user} was not told ${words} but ${said()}`);
  }
}

async function live(slack: SlackSimulator, service: string): Promise<void> {
  await slack.as(ann).command('/bake', `${service} one`, '#releases');
  const waiting = await card(slack, `${service} v1 · waits for approval`);
  await slack.as(bob).click(waiting, { actionId: 'approve' });
  await card(slack, `${service} v1 · live in production`);
}

/** Everything that stands in a workspace, as one text. */
const everything = (slack: SlackSimulator): string =>
  [channel, 'C0DEPLOYS1']
    .flatMap((where) => slack.messages(where).flatMap((one) => slack.thread(where, one.ts)))
    .map(readable)
    .join('\n');

describe.each(['http', 'socket'] as const)('two workspaces over %s', (mode) => {
  beforeEach(async () => {
    twins = await openTwins(mode);
    await until('readiness', () => twins.bot.state().ready, 10_000);
  });

  it('the same journey in both at once: each card where it belongs, by its own token', async () => {
    const { acme, partner } = twins;
    await Promise.all([live(acme, 'hello'), live(partner, 'billing')]);
    for (const [slack, its, other, name] of [
      [acme, 'hello', 'billing', 'bob-of-acme'],
      [partner, 'billing', 'hello', 'bob-of-partner'],
    ] as const) {
      await until('the thread', () => everything(slack).includes(`*${its} v1* is live`), 8_000);
      expect(everything(slack)).not.toContain(other);
      expect(slack.messages(channel).filter((one) => one.subtype === undefined)).toHaveLength(1);
      expect(everything(slack)).toContain(name);
      expect(slack.calls.filter(({ error }) => error === 'invalid_auth')).toEqual([]);
    }
    expect(twins.bot.states()).toEqual([
      { workspace: 'acme', state: { ready: true } },
      { workspace: 'partner', state: { ready: true } },
    ]);
  });

  it('a service is asked about and acted on in its own workspace alone, and said to live there', async () => {
    const { acme, partner } = twins;
    for (const [slash, text] of [
      ['/bake', 'hello two'],
      ['/bake', 'status hello'],
      ['/rollback', 'hello'],
      ['/bake', 'log hello v1 build'],
    ] as const) {
      const before = partner.ephemerals(ann).length;
      await partner.as(ann).command(slash, text, '#releases');
      await until('an answer', () => partner.ephemerals(ann).length > before);
      expect(readable(partner.ephemerals(ann).at(-1) ?? {})).toContain(
        'hello belongs to the Slack workspace acme, and only people there act on it. Nothing was done',
      );
    }
    expect(twins.world.releases()).toEqual([]);
    await partner.as(ann).command('/bake', 'status', '#releases');
    await toldTo(partner, ann, 'billing');
    await partner.as(ann).command('/bake', '', '#releases');
    await until('the dialog', () => partner.modals(ann).length === 1);
    const offered = await partner
      .as(ann)
      .suggest({ id: partner.modals(ann)[0]?.id ?? '' }, 'suggest-service', '');
    expect(JSON.stringify(offered)).toContain('billing');
    expect(JSON.stringify(offered)).not.toContain('hello');
    await Promise.all([acme.as(ann).openHome(), partner.as(ann).openHome()]);
    await until('both Homes', () => acme.home(ann) !== undefined && partner.home(ann) !== undefined, 8_000);
    expect(readable({ blocks: partner.home(ann)?.blocks ?? [] })).toContain('billing');
    expect(readable({ blocks: partner.home(ann)?.blocks ?? [] })).not.toContain('hello');
    expect(readable({ blocks: acme.home(ann)?.blocks ?? [] })).not.toContain('billing');
  });

  it('the same user id in another workspace is somebody else, without any right', async () => {
    const { acme, partner } = twins;
    await Promise.all([
      acme.as(ann).command('/bake', 'hello one', '#releases'),
      partner.as(ann).command('/bake', 'billing one', '#releases'),
    ]);
    const theirs = await card(acme, 'hello v1 · waits for approval');
    const mine = await card(partner, 'billing v1 · waits for approval');
    expect(buttonsOf(theirs).some(({ action_id }) => action_id === 'approve')).toBe(true);
    // What stood on the card in acme, pressed in partner by the id that may approve there.
    await partner.as(bob).click(mine, { actionId: 'approve' }, { stale: true, blocks: theirs.blocks ?? [] });
    await toldTo(partner, bob, 'hello belongs to the Slack workspace acme');
    expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
    expect(twins.world.deployment('billing.production.1').approvals).toEqual([]);
    await acme.as(bob).click(theirs, { actionId: 'approve' });
    await card(acme, 'hello v1 · live in production');
    expect(twins.world.deployment('hello.production.1').approvals).toMatchObject([
      { by: { team: workspaces.acme.team, user: bob } },
    ]);
  });

  it('one whose token was taken back stops nothing in the other, and is shown when it is given again', async () => {
    const { acme, partner } = twins;
    partner.revoke(true);
    await partner.as(ann).command('/bake', 'billing one', '#releases');
    // Nobody can be looked up there: nothing is done for him, and he is told.
    await toldTo(partner, ann, 'Slack could not be asked who you are');
    await twins.world.do({
      do: 'request release',
      service: 'billing',
      commit: { sha: 'b'.repeat(40), ref: 'main', subject: 'Theirs', author: 'Ada', email: '' },
      by: { kind: 'webhook', source: 'generic', delivery: 'd1' },
    });
    await live(acme, 'hello');
    await until('its being noticed', () => twins.bot.states()[1]?.state.ready === false, 8_000);
    expect(twins.bot.states()).toMatchObject([
      { workspace: 'acme', state: { ready: true } },
      { workspace: 'partner', state: { ready: false, reason: 'Slack says token_revoked' } },
    ]);
    expect(partner.messages(channel)).toEqual([]);
    partner.revoke(false);
    // A token that was refused is tried again after a quarter of a minute.
    await card(partner, 'billing v1 · waits for approval', 30_000);
    await until('both', () => twins.bot.states().every(({ state }) => state.ready), 8_000);
  }, 60_000);
});

/** Posts a form to the bot as an app signs it. */
async function signed(
  secret: string,
  port: number | undefined,
  form: Record<string, string>,
): Promise<Response> {
  const body = new URLSearchParams(form).toString();
  const stamp = String(Math.floor(Date.now() / 1000));
  return fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`,
    },
  });
}

/** An address that hears what Bakery answers. */
async function listener(): Promise<{ url: string; said: string[] }> {
  const said: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    said.push(body);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, said };
}

it('a click that one app signed about the workspace of another does nothing', async () => {
  twins = await openTwins('http');
  const { acme, bot, secretOf } = twins;
  await acme.as(ann).command('/bake', 'hello one', '#releases');
  const waiting = await card(acme, 'hello v1 · waits for approval');
  const button = buttonsOf(waiting).find(({ action_id }) => action_id === 'approve');
  const told = await listener();
  const forged = (which: Which, trigger: string) =>
    signed(secretOf(which), bot.address?.port, {
      payload: JSON.stringify({
        type: 'block_actions',
        user: { id: bob, team_id: workspaces.acme.team },
        team: { id: workspaces.acme.team },
        channel: { id: channel },
        container: { type: 'message', message_ts: waiting.ts, channel_id: channel, is_ephemeral: false },
        trigger_id: trigger,
        response_url: told.url,
        actions: [{ type: 'button', block_id: 'b', action_ts: '1.2', ...button }],
      }),
    });
  expect((await forged('partner', 'forged')).status).toBe(200);
  expect((await signed('of nobody', bot.address?.port, { command: '/bake', text: 'help' })).status).toBe(401);
  await until('the refusal', () => told.said.length === 1);
  await signed(secretOf('partner'), bot.address?.port, {
    command: '/bake',
    text: 'hello two',
    team_id: workspaces.acme.team,
    user_id: ann,
    channel_id: channel,
    trigger_id: 'forged too',
    response_url: told.url,
  });
  await until('both refusals', () => told.said.length === 2);
  for (const said of told.said) expect(said).toContain('This Bakery does not serve this Slack workspace');
  expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
  expect(twins.world.releases()).toHaveLength(1);
  // The same words, signed by the app of that workspace, count.
  expect((await forged('acme', 'true')).status).toBe(200);
  await card(acme, 'hello v1 · live in production');
});

/** A click on hello's approval as Slack tells of it, from the workspace and the person that it names. */
async function clickOn(waiting: Message, responseUrl: string, which: Which) {
  const { team } = workspaces[which];
  const button = buttonsOf(waiting).find(({ action_id }) => action_id === 'approve');
  return {
    type: 'block_actions',
    user: { id: bob, team_id: team },
    team: { id: team },
    channel: { id: channel },
    container: { type: 'message', message_ts: waiting.ts, channel_id: channel, is_ephemeral: false },
    trigger_id: `pressed in ${which}`,
    response_url: responseUrl,
    actions: [{ type: 'button', block_id: 'b', action_ts: '1.2', ...button }],
  };
}

it('a click down the socket of one app about the workspace of another does nothing', async () => {
  twins = await openTwins('socket');
  const { acme, partner } = twins;
  await until('readiness', () => twins.bot.state().ready, 10_000);
  await acme.as(ann).command('/bake', 'hello one', '#releases');
  const waiting = await card(acme, 'hello v1 · waits for approval');
  const told = await listener();
  await partner.deliver('interactive', await clickOn(waiting, told.url, 'acme'));
  await until('the refusal', () => told.said.length === 1);
  expect(told.said[0]).toContain('does not serve this Slack workspace');
  expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
});

it('two workspaces of one app share its socket, and each request finds its own', async () => {
  twins = await openTwins('socket', { oneApp: true });
  const { acme, partner } = twins;
  await until('readiness', () => twins.bot.state().ready, 10_000);
  expect([acme.connections, partner.connections]).toEqual([1, 0]);
  await acme.as(ann).command('/bake', 'hello one', '#releases');
  const waiting = await card(acme, 'hello v1 · waits for approval');
  const told = await listener();
  await acme.deliver('interactive', await clickOn(waiting, told.url, 'partner'));
  await until('the refusal', () => told.said.length === 1);
  expect(told.said[0]).toContain('hello belongs to the Slack workspace acme');
  await acme.deliver('slash_commands', {
    command: '/bake',
    text: 'billing one',
    team_id: workspaces.partner.team,
    user_id: ann,
    channel_id: channel,
    trigger_id: 'typed in partner',
    response_url: told.url,
  });
  await card(partner, 'billing v1 · waits for approval');
  expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
});

it('two bots of one ledger act on a click in either workspace once', async () => {
  twins = await openTwins('socket', { replicas: 2 });
  const { acme, partner } = twins;
  await until('all sockets', () => acme.connections === 2 && partner.connections === 2, 10_000);
  for (const [slack, service] of [
    [acme, 'hello'],
    [partner, 'billing'],
  ] as const) {
    await slack.as(ann).command('/bake', `${service} one`, '#releases');
    await until('the release', () => twins.world.releases().some((one) => one.service === service));
    // Envelopes go to the connections in turn.
    expect(await slack.deliverAgain()).toMatchObject({ ok: true });
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(twins.world.releases().map(({ service }) => service)).toEqual(['hello', 'billing']);
});

it('two workspaces of one app are told apart by what Slack says and not by the signature', async () => {
  twins = await openTwins('http', { oneApp: true });
  const { acme, partner } = twins;
  await Promise.all([live(acme, 'hello'), live(partner, 'billing')]);
  expect(everything(acme)).not.toContain('billing');
  expect(everything(partner)).not.toContain('hello');
});

it('gestures of two workspaces with one id are two, and one that comes twice is one', async () => {
  twins = await openTwins('http');
  const { bot, secretOf, world } = twins;
  const ask = (which: Which, service: string) =>
    signed(secretOf(which), bot.address?.port, {
      command: '/bake',
      text: `${service} one`,
      team_id: workspaces[which].team,
      user_id: ann,
      channel_id: channel,
      trigger_id: 'one and the same',
      response_url: `${twins[which].url}/nowhere`,
      nonce: String(Math.random()),
    });
  await ask('acme', 'hello');
  await ask('partner', 'billing');
  await ask('partner', 'billing');
  await until('both', () => world.releases().length === 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(
    world
      .releases()
      .map(({ service }) => service)
      .sort(),
  ).toEqual(['billing', 'hello']);
});
