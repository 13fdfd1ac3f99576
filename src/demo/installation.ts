import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLedgerFile } from '../ledger/database.ts';
import { sqliteLedger } from '../ledger/sqlite-ledger.ts';
import type { Place } from './place.ts';

/** The installation's id, which all that it makes carries; undefined when the bot never ran. */
export function ownerOf({ data }: Place): string | undefined {
  if (!existsSync(join(data, 'ledger.sqlite'))) return undefined;
  const file = openLedgerFile(data);
  const { owner } = sqliteLedger(file);
  file.close();
  return owner;
}

/** Gives a demo's installation an id of the caller's, before its bot is started; one that has run keeps its own. */
export function nameInstallation({ data }: Place, owner: string): void {
  const file = openLedgerFile(data);
  sqliteLedger(file, () => owner);
  file.close();
}
