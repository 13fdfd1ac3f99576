import { existsSync, renameSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { DEFAULT_SCHEMA, LATEST_SCHEMA_VERSION, type PgPoolClient, runMigrations } from 'bullmq';
import { messageOf, QueueDirectoryError } from '../away.ts';
import type { QueueLog } from '../log.ts';
import { prepareDirectory } from './prepare.ts';

/** PGlite's own list, which an own one replaces as a whole, and after it what keeps it small. */
export const startParams: string[] = [
  ...PGlite.defaultStartParams,
  ...['shared_buffers=1MB', 'wal_buffers=64kB', 'max_wal_size=32MB', 'min_wal_size=32MB'].flatMap((set) => [
    '-c',
    set,
  ]),
];

/** Makes a data directory for others to begin with as a copy; it takes seconds. Throws with the child's output. */
export const prepareDatabase = (directory: string): Promise<void> => prepareDirectory(directory, startParams);

/** Fails at once where a damaged file would fail some call later. */
const readEverything =
  'SELECT max(length(job::text)) FROM job; SELECT max(length(meta::text)) FROM meta; SELECT max(id) FROM event';

/**
 * Opens the database of a data directory, making it when it is not there. One that cannot be opened is moved aside
 * and made anew: the queue is disposable, and the ledger fills it again. Throws QueueDirectoryError when even that fails.
 */
export async function openDatabase(data: string, log: QueueLog, prepared?: string): Promise<PGlite> {
  try {
    return await makeAndOpen(data, log, prepared);
  } catch (thrown) {
    const aside = `${data}.broken`;
    log.error({ err: thrown, aside }, 'embedded queue cannot be opened: moved aside and made anew');
    rmSync(aside, { recursive: true, force: true });
    if (existsSync(data)) renameSync(data, aside);
  }
  try {
    return await makeAndOpen(data, log, prepared);
  } catch (thrown) {
    throw new QueueDirectoryError(
      `The embedded queue in ${data} can neither be opened nor made anew (${messageOf(thrown)}). Look at its disk and rights, or set a Redis or PostgreSQL URL for the queue.`,
      { cause: thrown },
    );
  }
}

async function makeAndOpen(data: string, log: QueueLog, prepared: string | undefined): Promise<PGlite> {
  if (!existsSync(data)) await make(data, log, prepared);
  // PostgreSQL compiled twice costs 60 MB and gains nothing that a queue would notice.
  setFlagsFromString('--liftoff-only');
  const db = await PGlite.create({ dataDir: data, startParams });
  try {
    await db.exec(`SET search_path TO ${DEFAULT_SCHEMA}`);
    await migrate(db);
    await db.exec(readEverything);
    return db;
  } catch (thrown) {
    await db.close().catch(() => {});
    throw thrown;
  }
}

/** Under another name first, so that a directory with the right name is a whole one. */
async function make(data: string, log: QueueLog, prepared: string | undefined): Promise<void> {
  const began = performance.now();
  const unfinished = `${data}.new`;
  // Whoever was killed while it was made may be dying still, and write into it.
  rmSync(unfinished, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  if (prepared === undefined) await prepareDatabase(unfinished);
  else await cp(prepared, unfinished, { recursive: true });
  renameSync(unfinished, data);
  log.info({ ms: Math.round(performance.now() - began) }, 'embedded queue prepared');
}

/** For a directory that an older BullMQ made. Nobody else has a client yet, so its transaction has the session alone. */
async function migrate(db: PGlite): Promise<void> {
  const { rows } = await db.query<{ version: number }>('SELECT max(version)::int AS version FROM migration');
  if ((rows[0]?.version ?? 0) >= LATEST_SCHEMA_VERSION) return;
  const client = {
    query: async (text: string, params?: unknown[]) =>
      params ? db.query(text, params) : ((await db.exec(text)).at(-1) ?? { rows: [] }),
  };
  await runMigrations(client as unknown as PgPoolClient); // the migrator only asks
  await db.exec(`SET search_path TO ${DEFAULT_SCHEMA}`);
}
