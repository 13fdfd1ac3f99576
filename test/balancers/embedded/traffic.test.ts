import { connect } from 'node:net';
import { request as undiciRequest } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { calmCall } from '../../support/call.ts';
import { until } from '../../support/until.ts';
import type { WebMember } from '../../support/web-member.ts';
import { type EmbeddedRig, embeddedRig } from './rig.ts';

const call = calmCall();
let rig: EmbeddedRig;
beforeAll(async () => {
  rig = await embeddedRig();
});
afterAll(() => rig.close());

async function serving(count: number): Promise<{ frontend: Frontend; members: WebMember[] }> {
  const frontend = await rig.frontend();
  const members = await Promise.all(Array.from({ length: count }, () => rig.member()));
  for (const { instance } of members)
    await rig.balancer.attach(frontend, instance, { path: '/health' }, 1, call);
  await until('all are healthy', async () => {
    const traffic = await rig.balancer.members(frontend, call);
    return traffic.members.every((member) => member.health === 'healthy');
  });
  const weights = Object.fromEntries(members.map(({ instance }) => [instance.id, 50]));
  await rig.balancer.shift(frontend, weights, 1, call);
  return { frontend, members };
}
const counters = async (frontend: Frontend) => (await rig.balancer.members(frontend, call)).members;

/** Sends bytes and returns all that came back until the connection closed. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}

test('a member that cannot be reached costs no request, whatever the method', async () => {
  const { frontend, members } = await serving(2);
  await members[0]?.close();
  const url = `http://127.0.0.1:${frontend.port}/echo`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => undiciRequest(url, { method: 'POST', body: 'words' })),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(await Promise.all(answers.map(({ body }) => body.text()))).toEqual(Array(6).fill('words'));
  expect((await counters(frontend))[0]).toMatchObject({ health: 'unhealthy' });
});

test('a member that died is out at once and gets traffic again when it is back', async () => {
  const { frontend, members } = await serving(2);
  const [first] = members;
  const port = Number(new URL(first?.instance.address ?? '').port);
  await first?.close();
  for (let i = 0; i < 10; i += 1) expect((await rig.get(frontend.port, '/')).status).toBe(200);
  const again = await rig.member(port);
  await until('the one that came back answers', async () => {
    return (await rig.get(frontend.port, '/')).text === again.instance.id;
  });
});

test('a request that broke before an answer is repeated only when that is safe', async () => {
  const { frontend } = await serving(1);
  expect((await rig.get(frontend.port, '/reset')).status).toBe(502);
  const { statusCode, body } = await undiciRequest(`http://127.0.0.1:${frontend.port}/reset`, {
    method: 'POST',
    body: 'pay 10',
  });
  expect(statusCode).toBe(502);
  expect(await body.text()).toContain('broke the connection before it answered');
  // The GET went twice, the POST once.
  expect((await counters(frontend))[0]).toMatchObject({ requests: 3, failed: 3 });
});

test('an answer that breaks in the middle reaches the client as broken, never as whole', async () => {
  const { frontend } = await serving(1);
  await expect(rig.get(frontend.port, '/half')).rejects.toThrow();
  expect((await counters(frontend))[0]).toMatchObject({ failed: 1, inFlight: 0 });
});

test('a 5xx of a member reaches the client and is counted as failed', async () => {
  const { frontend } = await serving(1);
  expect((await rig.get(frontend.port, '/fail')).status).toBe(500);
  expect((await counters(frontend))[0]).toMatchObject({ requests: 1, failed: 1 });
});

test('with no healthy member at all the client gets 503 and a sentence', async () => {
  const { frontend, members } = await serving(1);
  for (const member of members) member.healthy = false;
  await until('503', async () => (await rig.get(frontend.port, '/')).status === 503);
  const { text } = await rig.get(frontend.port, '/');
  expect(text).toBe(`${frontend.slot} has no healthy member right now. Please try again in a moment.\n`);
});

test('a client that leaves frees its request and counts against nobody', async () => {
  const { frontend, members } = await serving(1);
  const socket = connect(frontend.port, '127.0.0.1', () =>
    socket.write('GET /hold HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  await until('the member holds it', () => (members[0]?.held() ?? 0) > 0);
  expect((await counters(frontend))[0]).toMatchObject({ inFlight: 1 });
  socket.destroy();
  await until('nothing is in flight', async () => (await counters(frontend))[0]?.inFlight === 0);
  expect((await counters(frontend))[0]).toMatchObject({ failed: 0 });
});

test('members learn who asked, and headers of one connection stay on it', async () => {
  const { frontend } = await serving(1);
  const text = await raw(
    frontend.port,
    'GET /headers HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-Private\r\nX-Private: 1\r\nTE: trailers\r\nX-Forwarded-For: 10.0.0.1\r\nX-Kept: 2\r\n\r\n',
  );
  expect(text).toContain('"host":"shop.example"');
  expect(text).toContain('"x-forwarded-for":"10.0.0.1, 127.0.0.1"');
  expect(text).toContain('"x-forwarded-proto":"http"');
  expect(text).toContain('"x-forwarded-host":"shop.example"');
  expect(text).toContain('"x-kept":"2"');
  expect(text).not.toContain('x-private');
  expect(text).not.toContain('"te"');
  expect(text.match(/set-cookie: [ab]=/gi)).toHaveLength(2);
});

test('an upgrade that the member refuses reaches the client as it is', async () => {
  const { frontend } = await serving(1);
  const text = await raw(
    frontend.port,
    'GET /refuse HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized/);
  expect(text).toMatch(/no$/);
});

test('a WebSocket counts as in flight until it is closed', async () => {
  const { frontend } = await serving(1);
  const socket = connect(frontend.port, '127.0.0.1', () =>
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\nSec-WebSocket-Version: 13\r\n\r\n',
    ),
  );
  const [head] = await new Promise<Buffer[]>((resolve) => socket.once('data', (chunk) => resolve([chunk])));
  expect(head?.toString()).toMatch(/^HTTP\/1\.1 101 /);
  expect((await counters(frontend))[0]).toMatchObject({ inFlight: 1 });
  socket.destroy();
  await until('it is not in flight', async () => (await counters(frontend))[0]?.inFlight === 0);
  expect((await counters(frontend))[0]).toMatchObject({ requests: 1, failed: 0 });
});
