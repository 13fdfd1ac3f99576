// Brings the database to what this version needs: each file of migrations/ once, in order, and again is fine.
import { readdirSync, readFileSync } from 'node:fs';
import { openDatabase } from './database.js';

const folder = new URL('./migrations/', import.meta.url);
const database = openDatabase();
const bring = database.transaction(() => {
  const done = database.pragma('user_version', { simple: true });
  const files = readdirSync(folder).sort();
  for (const [index, file] of files.entries()) {
    if (index < done) continue;
    database.exec(readFileSync(new URL(file, folder), 'utf8'));
    database.pragma(`user_version = ${index + 1}`);
    console.log(`brought ${file}`);
  }
});
// One at a time, should two run at once.
bring.immediate();
database.close();
