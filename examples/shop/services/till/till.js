// Another service of the same repository: sells bread by weight, and writes each sale as an open invoice.
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '../invoices/database.js';

const database = openDatabase();
const sell = database.prepare('INSERT INTO invoices (lines) VALUES (?)');
let closing = false;
process.on('SIGTERM', () => {
  closing = true;
});
for (let sold = 1; !closing; sold++) {
  sell.run(JSON.stringify([{ cents: 333, count: sold % 2 === 0 ? 1.5 : 1 }]));
  await pause(50);
}
database.close();
