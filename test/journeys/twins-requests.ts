import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Message } from '../../src/slack-simulator/types.ts';
import { buttonsOf } from '../support/slack-limits.ts';
import { people } from './town.ts';
import { channel, type Which, workspaces } from './twins.ts';

/** An address that hears what Bakery answers. */
export async function listener(): Promise<{ url: string; said: string[] }> {
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

/** A click on hello's approval as Slack tells of it, from the workspace and the person that it names. */
export function clickOn(
  waiting: Message,
  responseUrl: string,
  which: Which,
  trigger = `pressed in ${which}`,
) {
  const { team } = workspaces[which];
  const button = buttonsOf(waiting).find(({ action_id }) => action_id === 'approve');
  return {
    type: 'block_actions',
    user: { id: people.bob, team_id: team },
    team: { id: team },
    channel: { id: channel },
    container: { type: 'message', message_ts: waiting.ts, channel_id: channel, is_ephemeral: false },
    trigger_id: trigger,
    response_url: responseUrl,
    actions: [{ type: 'button', block_id: 'b', action_ts: '1.2', ...button }],
  };
}
