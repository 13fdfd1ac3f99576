import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpExchange } from '../../../src/providers/openstack/exchange.ts';

let server: Server;
let at = '';
beforeAll(async () => {
  server = createServer((request, response) => {
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

it.each(['never', 'half', 'reset'])('a service that answers %s is unreachable in time', async (path) => {
  const exchange = httpExchange(undefined, 100);
  const asked = exchange({ method: 'GET', url: `${at}/${path}` }, new AbortController().signal);
  await expect(asked).rejects.toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('Bakery looks again'),
  });
  await exchange.close();
});
