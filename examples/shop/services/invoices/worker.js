// Takes one open invoice after the other, adds up its lines, and says in the database who did it. On SIGTERM it takes no
// more, finishes what it has begun, and ends.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { total } from '../../libs/money.js';
import { openDatabase } from './database.js';

const version = readFileSync(new URL('./version.txt', import.meta.url), 'utf8').trim();
const currency = process.env.CURRENCY;
const database = openDatabase();
const take = database.prepare(
  `UPDATE invoices SET state = 'taken' WHERE id = (SELECT id FROM invoices WHERE state = 'open' LIMIT 1) RETURNING id, lines`,
);
const finish = database.prepare(
  `UPDATE invoices SET state = 'done', times = times + 1, total = :total, done_by = :version WHERE id = :id`,
);

// Bakery asks here whether it is well. Nobody else does: it gets no traffic.
const server = createServer((_request, response) => response.end(JSON.stringify({ version, currency })));
server.listen(Number(process.env.PORT), process.env.HOST);

let ending = false;
process.on('SIGTERM', () => {
  ending = true;
});
while (!ending) {
  const invoice = take.get();
  await pause(invoice === undefined ? 50 : 20);
  if (invoice === undefined) continue;
  const { id, lines } = invoice;
  finish.run({ id, total: total(JSON.parse(lines)), version });
  console.log(`invoice ${id} is done`);
}
server.close();
server.closeAllConnections();
database.close();
