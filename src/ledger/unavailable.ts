/** The ledger cannot be opened; the message says why and what to do. Nothing was changed. */
export class LedgerUnavailable extends Error {
  override name = 'LedgerUnavailable';
}

/** The error as people read it: what of the machine is in the way. Whatever is not of that kind stays as it is. */
export function unavailable(error: unknown): Error {
  if (error instanceof LedgerUnavailable) return error;
  const code = codeOf(error);
  const words = inTheWay.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (words !== undefined) return new LedgerUnavailable(words, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

/** By the beginning of SQLite's error code. */
const inTheWay: [string, string][] = [
  [
    'SQLITE_BUSY',
    'The ledger is locked by another program. Nothing was changed. Close that program (a sqlite3 shell, a backup) and start again.',
  ],
  ['SQLITE_FULL', 'The disk of the ledger is full. Nothing was changed. Make room, then do it again.'],
  [
    'SQLITE_IOERR',
    'The disk of the ledger cannot be written. Nothing was changed. Look at the disk, then do it again.',
  ],
];

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
