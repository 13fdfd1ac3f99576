import { createHmac } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { guardRequests, type SignedDoor } from '../../src/bot/request-guard.ts';

const secret = 'a signing secret';
let time: number;
/** Signatures that the ledger was asked about. */
let asked: string[];
let url: string;

beforeEach(async () => {
  time = 1_000_000_000;
  asked = [];
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const firstTime = async (id: string) => asked.push(id) > 0;
  const listener: RequestListener = (_, response) => response.end();
  const doors: [SignedDoor] = [{ secret, listener }];
  const guarded = guardRequests({ doors, path: '/slack', now: () => time, log, firstTime });
  const server = createServer(guarded);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack`;
});

/** Posts a payload as Slack signed it at the beginning. */
async function send(payload: object): Promise<number> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const stamp = '1000000';
  const mac = createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': stamp,
    'x-slack-signature': `v0=${mac}`,
  };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}
const letter = { type: 'block_suggestion', action_id: 'suggest-version', value: 'v' };

it('the same letter typed twice within a second is answered twice, without the ledger', async () => {
  expect(await send(letter)).toBe(200);
  expect(await send(letter)).toBe(200);
  expect(asked).toEqual([]);
});

it('what a select asked is refused when it is played again after Slack has stopped waiting', async () => {
  expect(await send(letter)).toBe(200);
  time += 3_001;
  expect(await send(letter)).toBe(401);
  expect(await send(letter)).toBe(401);
});

it('a click is answered once, however soon it comes again', async () => {
  const click = { type: 'block_actions', trigger_id: 't1' };
  expect(await send(click)).toBe(200);
  expect(await send(click)).toBe(401);
  expect(asked).toHaveLength(1);
});
