import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LaunchOrder } from '../../pipeline/provider.ts';
import { freshOutput, outputFile } from './output.ts';
import { nameOf, type ProcessName } from './process.ts';
import type { InstanceRecord } from './records.ts';

/**
 * The variables by which a process of ours is known when its record was lost: the folder of its record, which also
 * tells two installations on one machine apart, and its mark.
 */
export const keyVariable = 'BAKERY_INSTANCE';
export const markVariable = 'BAKERY_MARK';

/** Where programs are found. */
export const path = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

const environmentOf = (
  order: LaunchOrder,
  record: InstanceRecord,
  folder: string,
): Record<string, string> => ({
  ...order.environment,
  PORT: String(record.port),
  HOST: '127.0.0.1',
  PATH: path,
  TMPDIR: join(folder, 'tmp'),
  [keyVariable]: folder,
  [markVariable]: JSON.stringify(record.mark),
});

/** Where the exit code of what runs to its end stands, once it has ended. */
export const exitFile = (folder: string): string => join(folder, 'exit');

/**
 * Nobody of ours waits for the process, so a shell of its own writes down how it ended: whole or not at all. What it runs
 * comes as arguments and is never read as shell. SIGTERM to the group ends both.
 */
const toItsEnd = (argv: string[], folder: string): string[] => [
  '/bin/sh',
  '-c',
  'exit="$1"; shift; "$@"; code=$?; echo "$code" > "$exit.new" && mv "$exit.new" "$exit"; exit "$code"',
  'sh',
  exitFile(folder),
  ...argv,
];

/** Writes what comes as files, for this account alone, and says in variables where they are. */
const writeSecrets = async ({ files }: LaunchOrder, folder: string): Promise<Record<string, string>> => {
  if (files === undefined) return {};
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  for (const [name, value] of Object.entries(files))
    await writeFile(join(folder, name), value, { mode: 0o400 });
  return Object.fromEntries(Object.keys(files).map((name) => [`${name}_FILE`, join(folder, name)]));
};

/**
 * Starts the process of an instance in a group and session of its own, its output appended to a file: it needs
 * nothing of this process and outlives it. Returns its name, or why it could not be started.
 */
export const startProcess = async (
  order: LaunchOrder,
  record: InstanceRecord,
  folder: string,
  cwd: string,
): Promise<ProcessName | { notStarted: string }> => {
  await freshOutput(folder);
  await mkdir(join(folder, 'tmp'), { recursive: true, mode: 0o700 });
  const secrets = await writeSecrets(order, join(folder, 'secrets'));
  const output = await open(outputFile(folder), 'a', 0o600);
  try {
    const [program = '', ...rest] =
      order.spec.once === true ? toItsEnd(order.spec.start, folder) : order.spec.start;
    const env = { ...environmentOf(order, record, folder), ...secrets };
    const child = spawn(program, rest, { cwd, env, detached: true, stdio: ['ignore', output.fd, output.fd] });
    if (child.pid === undefined) {
      const [error] = (await once(child, 'error').catch((thrown: unknown) => [thrown])) as [unknown];
      return { notStarted: String(error) };
    }
    child.unref();
    return nameOf(child.pid) ?? { notStarted: 'it ended at once' };
  } catch (error) {
    return { notStarted: String(error) };
  } finally {
    await output.close();
  }
};
