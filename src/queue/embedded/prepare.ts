import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);

/**
 * The first start of a data directory costs 300 MB more than any later one: initdb, and the compiler for all that
 * the migrations touch. It happens in a process of its own, which gives the memory back by ending. Plain text,
 * so that it runs from source and from the build alike.
 */
const script = `
const [pglite, bullmq, directory, startParams] = process.argv.slice(1);
const { PGlite } = await import(pglite);
const { runMigrations } = (await import(bullmq)).default;
const db = await PGlite.create({ dataDir: directory, startParams: JSON.parse(startParams) });
const client = {
  query: (text, params) => params ? db.query(text, params) : db.exec(text).then((all) => all.at(-1) ?? { rows: [] }),
};
await runMigrations(client);
await db.exec('CHECKPOINT');
await db.close();
`;

/** Makes a data directory with PostgreSQL's catalogue and BullMQ's tables. Throws with the child's output. */
export async function prepareDirectory(directory: string, startParams: string[]): Promise<void> {
  const libraries = ['@electric-sql/pglite', 'bullmq'].map(
    (name) => pathToFileURL(require.resolve(name)).href,
  );
  const args = [
    '--liftoff-only',
    '--input-type=module',
    '-e',
    script,
    ...libraries,
    directory,
    JSON.stringify(startParams),
  ];
  await promisify(execFile)(process.execPath, args, {
    timeout: 120_000,
    env: {},
    maxBuffer: 10 * 1024 * 1024,
  });
}
