import { existsSync, mkdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * Copies the ledger of a data directory to `target` while it is in use: SQLite's online backup, then a rename, so that
 * a file of that name is always whole. Throws when there is no ledger or the target exists.
 */
export async function backupLedger(dataDir: string, target: string): Promise<{ pages: number }> {
  const source = join(dataDir, 'ledger.sqlite');
  if (!existsSync(source))
    throw new Error(`There is no ledger in ${dataDir}. Name the data directory of bot.yaml.`);
  if (existsSync(target))
    throw new Error(`${target} exists already and was left as it is. Name another file.`);
  mkdirSync(dirname(target), { recursive: true });
  const db = new Database(source, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    const { totalPages } = await db.backup(`${target}.part`);
    await rename(`${target}.part`, target);
    return { pages: totalPages };
  } finally {
    db.close();
  }
}
