// What the database says of the work, as JSON: how many invoices each version did, and what is wrong with any.
import { openDatabase } from './database.js';

const database = openDatabase();
const columns = database.pragma('table_info(invoices)').map(({ name }) => name);
const currency = columns.includes('currency') ? 'currency' : 'NULL';
const groups = database
  .prepare(
    `SELECT done_by AS version, ${currency} AS currency, count(*) AS invoices, sum(total <> round(total)) AS fractions FROM invoices WHERE state = 'done' GROUP BY 1, 2 ORDER BY min(id)`,
  )
  .all();
const { open, taken, twice } = database
  .prepare(
    `SELECT sum(state = 'open') AS open, sum(state = 'taken') AS taken, sum(times > 1) AS twice FROM invoices`,
  )
  .get();
console.log(JSON.stringify({ columns, groups, open, taken, twice }));
database.close();
