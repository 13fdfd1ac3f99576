import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { greet } from './lib/greet.js';
import { countVisit } from './lib/visits.js';

const version = readFileSync(new URL('version.txt', import.meta.url), 'utf8').trim();
const { PORT = '8080', HOST = '127.0.0.1', GREETING = 'Hello', STORE_URL, LOG_TOKEN } = process.env;
const environment = process.env.BAKERY_ENVIRONMENT ?? 'none';
let stopping = false;

const isHealthy = () => true;

const routes = {
  '/': async () => ({
    version,
    greeting: GREETING,
    environment,
    pid: process.pid,
    visits: await countVisit(STORE_URL),
    logging: LOG_TOKEN ? 'on' : 'off',
  }),
  '/greet': async (query) => ({ version, text: greet(GREETING, query.get('name') ?? '') }),
};

const answer = (response, status, body) => {
  response.writeHead(status, {
    'content-type': 'application/json',
    // Whoever keeps this connection open is told to take another one for the next request.
    ...(stopping ? { connection: 'close' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
};

const server = createServer(async (request, response) => {
  const asked = request.url ?? '/';
  const url = new URL(URL.canParse(asked, 'http://hello') ? asked : '/nothing', 'http://hello');
  if (url.pathname === '/healthz') {
    const healthy = isHealthy();
    answer(response, healthy ? 200 : 503, { healthy });
    return;
  }
  const route = routes[url.pathname];
  if (!route) {
    answer(response, 404, { error: 'there is nothing here' });
    return;
  }
  try {
    answer(response, 200, await route(url.searchParams));
  } catch (error) {
    console.error(`${url.pathname}: ${error.message}`);
    answer(response, 500, { error: error.message });
  }
});

// Longer than any balancer keeps an idle connection: the balancer hangs up first, so no request meets a closed door.
server.keepAliveTimeout = 75_000;
server.listen(Number(PORT), HOST, () =>
  console.log(`hello ${version} listens on ${HOST}:${server.address().port}`),
);

process.once('SIGTERM', () => {
  stopping = true;
  console.log('finishing the requests in flight');
  server.close(() => process.exit(0));
});
