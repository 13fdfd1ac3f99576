import Database from 'better-sqlite3';

/** The database that the settings name. Old and new versions work with it at once. */
export function openDatabase(file = process.env.DATABASE) {
  const database = new Database(file, { timeout: 10_000 });
  database.pragma('journal_mode = WAL');
  return database;
}
