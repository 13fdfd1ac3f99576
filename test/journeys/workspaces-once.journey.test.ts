import { afterEach, expect, it } from 'vitest';
import { signed } from '../support/signed-form.ts';
import { until } from '../support/wait-for.ts';
import { people } from './town.ts';
import { channel, openTwins, type Twins, type Which, workspaces } from './twins.ts';

let twins: Twins;
const { ann } = people;
afterEach(() => twins.close());

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
