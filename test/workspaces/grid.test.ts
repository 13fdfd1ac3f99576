import { expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import { click, command, openedForEach, pipeline, send, slack, told } from '../support/small-bot.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

const value = encode({
  service: 'hello',
  deployment: 'hello.production.1',
  image: 'sha256:i',
  settings: 'sha256:s',
});
const clickOf = (id: string, team: string) =>
  click('approve', value, { user: { id, team_id: team }, team: { id: 'T1' } });

it('who is in several workspaces of a Grid is one person, by a word and by a click', async () => {
  slack.users.set('UGRID', { team_id: 'T9', enterprise_user: { teams: ['T9', 'T1'] } });
  // Slack names the workspace of the word, and with a click the one that is his first.
  await send(command('hello main', { user_id: 'UGRID' }));
  await send(clickOf('UGRID', 'T9'));
  await until('both', () => pipeline.orders.length === 1 && pipeline.commands.length === 1);
  const him = { kind: 'person', team: 'T1', user: 'UGRID' };
  expect([pipeline.orders[0]?.by, pipeline.commands[0]?.by]).toEqual([him, him]);
});

it('somebody of a connected workspace is nobody here, though his id is a member’s', async () => {
  // UANN is a member of T1; who clicks is another UANN, of T7.
  await send(clickOf('UANN', 'T7'));
  expect(await told()).toContain('Only people of the workspace');
  expect(pipeline.commands).toEqual([]);
});

it('a member of the same Grid who is not in this workspace may do nothing', async () => {
  slack.users.set('UGRID', { team_id: 'T9', enterprise_user: { teams: ['T9', 'T8'] } });
  await send(clickOf('UGRID', 'T9'));
  expect(await told()).toContain('Only people of the workspace');
  expect(pipeline.commands).toEqual([]);
});
