import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { EVENT_RETRIES_MS } from '../../src/slack-simulator/delivery/event-retries.ts';
import { ADA, startBolt, startRig, until } from './support/rig.ts';

/** A bot that answers with these statuses, one after the other, and tells what it was sent. */
async function bot(...statuses: number[]) {
  const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    heard.push({ headers: request.headers, body });
    response.statusCode = statuses[heard.length - 1] ?? 200;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
const numberOf = ({ headers }: { headers: IncomingHttpHeaders }) => headers['x-slack-retry-num'];

it('an event that is not acknowledged is sent three more times, at once, after a minute and after five', async () => {
  expect(EVENT_RETRIES_MS).toEqual([0, 60_000, 300_000]);
  const { heard, url } = await bot(500, 500, 500, 500, 500);
  const simulator = await startRig({ delivery: { kind: 'http', url }, eventRetriesMs: [0, 10, 20] });
  await simulator.as(ADA).openHome();
  await until('all retries came', () => heard.length === 4);
  expect(heard.map(numberOf)).toEqual([undefined, '1', '2', '3']);
  expect(heard[1]?.headers['x-slack-retry-reason']).toBe('http_error');
  expect(new Set(heard.map(({ body }) => body)).size).toBe(1);
});

it('an event that was acknowledged is not sent again, and a gesture never is', async () => {
  const { heard, url } = await bot(200, 500, 500, 200);
  const simulator = await startRig({ delivery: { kind: 'http', url }, eventRetriesMs: [0, 10, 20] });
  await simulator.as(ADA).openHome();
  await simulator.as(ADA).command('/bake', 'hello', '#deploys');
  await simulator.as(ADA).openHome();
  await until('the retry came', () => heard.length === 4);
  expect(heard.map(numberOf)).toEqual([undefined, undefined, undefined, '1']);
});

it('over Socket Mode a retry says its number to the bot that is there by then', async () => {
  const simulator = await startRig({ eventRetriesMs: Array.from({ length: 200 }, () => 50) });
  await simulator.as(ADA).openHome();
  const numbers: unknown[] = [];
  await startBolt(simulator, 'socket', (app) => {
    app.event('app_home_opened', async ({ context }) => void numbers.push(context.retryNum));
  });
  await until('the retry came', () => numbers.length === 1);
  expect(numbers[0]).toBeGreaterThan(0);
});
