// Answers what two loaves cost, by the sums that the whole shop shares.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { total } from '../../libs/money.js';

const version = readFileSync(new URL('./version.txt', import.meta.url), 'utf8').trim();
const server = createServer((_request, response) =>
  response.end(JSON.stringify({ version, bread: total([{ cents: 333, count: 2 }]) })),
);
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close());
