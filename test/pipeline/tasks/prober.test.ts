import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProbing } from '../../../src/pipeline/tasks/prober.ts';
import { freePort } from '../../support/free-port.ts';

const seen: IncomingMessage[] = [];
let door = '';
const server = createServer((request, response) => {
  seen.push(request);
  if (request.url === '/bad' || (request.url === '/every-third' && seen.length % 3 === 0))
    response.writeHead(503);
  if (request.url === '/cut') return void response.write('half', () => request.socket.destroy());
  response.end('ok');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  door = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => void server.close());

const never = new AbortController().signal;
const probe = (path: string, at = door) => startProbing({ door: at, path, id: 'hello.production.2' }, never);

test('each request carries an id by which a log tells it from a user’s', async () => {
  const sample = await probe('/').stop({ atLeast: 6 });
  expect(sample).toMatchObject({ failed: 0 });
  expect(sample.sent).toBeGreaterThanOrEqual(6);
  expect(seen[0]?.headers).toMatchObject({
    'user-agent': 'bakery-probe',
    'x-bakery-probe': expect.stringMatching(/^hello\.production\.2\./),
  });
});

test.each(['/bad', '/cut'])('what a user would call failed is counted: %s', async (path) => {
  const { sent, failed } = await probe(path).stop({ atLeast: 3 });
  expect(failed).toBe(sent);
});

test('no request goes uncounted, though several are under way at once', async () => {
  const earlier = seen.length;
  const { sent, failed, times } = await probe('/every-third').stop({ atLeast: 60 });
  expect(sent).toBe(60);
  expect(seen.length - earlier).toBe(60);
  expect(failed).toBe(20);
  expect(Object.values(times).reduce((sum, count) => sum + count, 0)).toBe(40);
});

test('a front door that is closed fails each request and ends all the same', async () => {
  const { sent, failed } = await probe('/', `http://127.0.0.1:${await freePort()}`).stop({ atLeast: 4 });
  expect(failed).toBe(sent);
});

test('a prober whose task was aborted sends nothing more', async () => {
  const over = new AbortController();
  const probing = startProbing({ door, path: '/', id: 'x' }, over.signal);
  over.abort();
  await probing.stop({ atLeast: 1000 });
  const count = seen.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(seen.length).toBe(count);
});
