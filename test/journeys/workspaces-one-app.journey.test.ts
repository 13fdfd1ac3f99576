import { afterEach, expect, it } from 'vitest';
import { until } from '../support/wait-for.ts';
import { people } from './town.ts';
import { channel, openTwins, type Twins, workspaces } from './twins.ts';
import { clickOn, listener } from './twins-requests.ts';
import { card, everything, live } from './twins-seen.ts';

let twins: Twins;
const { ann } = people;
afterEach(() => twins.close());

it('two workspaces of one app share its socket, and each request finds its own', async () => {
  twins = await openTwins('socket', { oneApp: true });
  const { acme, partner } = twins;
  await until('readiness', () => twins.bot.state().ready, 10_000);
  expect([acme.connections, partner.connections]).toEqual([1, 0]);
  await acme.as(ann).command('/bake', 'hello one', '#releases');
  const waiting = await card(twins, acme, 'hello v1 · waits for approval');
  const told = await listener();
  await acme.deliver('interactive', clickOn(waiting, told.url, 'partner'));
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
  await card(twins, partner, 'billing v1 · waits for approval');
  expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
});

it('two workspaces of one app are told apart by what Slack says and not by the signature', async () => {
  twins = await openTwins('http', { oneApp: true });
  const { acme, partner } = twins;
  await Promise.all([live(twins, acme, 'hello'), live(twins, partner, 'billing')]);
  expect(everything(acme)).not.toContain('billing');
  expect(everything(partner)).not.toContain('hello');
});
