import { afterEach, expect, it } from 'vitest';
import { signed } from '../support/signed-form.ts';
import { until } from '../support/wait-for.ts';
import { people } from './town.ts';
import { channel, openTwins, type Twins, type Which, workspaces } from './twins.ts';
import { clickOn, listener } from './twins-requests.ts';
import { card } from './twins-seen.ts';

let twins: Twins;
const { ann } = people;
afterEach(() => twins.close());

it('a click that one app signed about the workspace of another does nothing', async () => {
  twins = await openTwins('http');
  const { acme, bot, secretOf } = twins;
  await acme.as(ann).command('/bake', 'hello one', '#releases');
  const waiting = await card(twins, acme, 'hello v1 · waits for approval');
  const told = await listener();
  const forged = (which: Which, trigger: string) =>
    signed(secretOf(which), bot.address?.port, {
      payload: JSON.stringify(clickOn(waiting, told.url, 'acme', trigger)),
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
  await card(twins, acme, 'hello v1 · live in production');
});

it('a click down the socket of one app about the workspace of another does nothing', async () => {
  twins = await openTwins('socket');
  const { acme, partner } = twins;
  await until('readiness', () => twins.bot.state().ready, 10_000);
  await acme.as(ann).command('/bake', 'hello one', '#releases');
  const waiting = await card(twins, acme, 'hello v1 · waits for approval');
  const told = await listener();
  await partner.deliver('interactive', clickOn(waiting, told.url, 'acme'));
  await until('the refusal', () => told.said.length === 1);
  expect(told.said[0]).toContain('does not serve this Slack workspace');
  expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
});
