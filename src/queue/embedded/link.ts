import { mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { QueueAway, QueueDirectoryError } from '../away.ts';
import type { Link } from '../link.ts';
import type { QueueLog } from '../log.ts';
import { postgresFactory } from '../postgres.ts';
import { openDatabase } from './database.ts';
import { holdExclusively } from './exclusive.ts';
import { pgliteAsPool } from './pool.ts';

/**
 * A link to a PGlite in this process, whose files are in `directory`. Throws QueueDirectoryError when another
 * process has the directory or nothing can be made there.
 */
export async function embeddedLink(directory: string, log: QueueLog, prepared?: string): Promise<Link> {
  if (!isAbsolute(directory))
    throw new QueueDirectoryError(
      `The embedded queue needs an absolute directory, not "${directory}": embedded:/var/lib/bakery/queue.`,
    );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const release = holdExclusively(join(directory, 'lock'), directory);
  const db = await openDatabase(join(directory, 'data'), log, prepared).catch((thrown) => {
    release();
    throw thrown;
  });
  const reach = { factory: postgresFactory, connection: pgliteAsPool(db) };
  return {
    kind: 'embedded',
    prefix: '',
    caller: reach,
    waiter: reach,
    reachable: async () => {
      if (db.closed)
        throw new QueueAway('The embedded queue is closed: this process is stopping. Nothing was enqueued.');
    },
    serverTime: async () => Date.now(), // the same clock
    workersClocksCount: false,
    readers: () => {},
    close: async () => {
      await db.close();
      release();
    },
  };
}
