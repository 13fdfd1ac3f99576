import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProviderError } from '../../../src/pipeline/provider.ts';
import { httpExchange } from '../../../src/providers/openstack/exchange.ts';

let server: Server;
let asked: string | undefined;
let at = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    asked = [request.headers['x-openstack-request-id']].flat()[0];
    if (request.url === '/plain') response.writeHead(503).end('no time');
    if (request.url === '/named') response.writeHead(503, { 'x-openstack-request-id': 'req-theirs' }).end();
    if (request.url === '/reset') request.socket.destroy();
    if (request.url === '/half') response.write('{');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  at = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const { signal } = new AbortController();
const failureOf = (asked: Promise<unknown>): Promise<ProviderError> =>
  asked.then(
    () => Promise.reject(new Error('it was answered')),
    (error: ProviderError) => error,
  );

it.each(['never', 'half', 'reset'])('a service that answers %s is unreachable in time', async (path) => {
  const exchange = httpExchange(undefined, 100);
  const told = await failureOf(exchange({ method: 'GET', url: `${at}/${path}` }, signal));
  expect(told).toMatchObject({ fault: 'unreachable' });
  expect(told.message).toMatch(/ \(req-[0-9a-f-]{36}\)\. Bakery looks again\.$/);
  expect(told.message).toContain(asked ?? 'nothing was asked');
  await exchange.close();
});

it('a request is known by the service’s id, and by the one it was sent under where the service gives none', async () => {
  const exchange = httpExchange();
  const idOf = async (path: string) =>
    (await exchange({ method: 'GET', url: `${at}/${path}` }, signal)).header('x-openstack-request-id');
  expect(await idOf('named')).toBe('req-theirs');
  expect(await idOf('plain')).toBe(asked);
  expect(asked).toMatch(/^req-[0-9a-f-]{36}$/);
  await exchange.close();
});
