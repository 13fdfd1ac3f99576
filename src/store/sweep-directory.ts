import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../pipeline/disk-fault.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Swept } from '../pipeline/store.ts';

/** Removes what a store's directory holds from before `before`, except what is to be kept; half-written files as well. */
export async function sweepDirectory(root: string, keep: ReadonlySet<string>, before: At): Promise<Swept> {
  const swept: Swept = { files: 0, logs: 0, bytes: 0 };
  for (const head of await namesIn(join(root, 'sha256'))) {
    for (const rest of await namesIn(join(root, 'sha256', head))) {
      if (keep.has(`sha256:${head}${rest}`)) continue;
      const bytes = await removeOld(join(root, 'sha256', head, rest), before);
      if (bytes === undefined) continue;
      swept.files += 1;
      swept.bytes += bytes;
    }
  }
  for (const log of await namesIn(join(root, 'logs'))) {
    if (keep.has(log)) continue;
    const bytes = await removeOldLog(join(root, 'logs', log), before);
    if (bytes === undefined) continue;
    swept.logs += 1;
    swept.bytes += bytes;
  }
  for (const half of await namesIn(join(root, 'tmp'))) await removeOld(join(root, 'tmp', half), before);
  return swept;
}

/** The bytes that it had; undefined when it is younger, or gone. */
async function removeOld(file: string, before: At): Promise<number | undefined> {
  const found = await ifThere(stat(file));
  if (found === undefined || found.mtimeMs >= before) return undefined;
  await rm(file, { force: true });
  return found.size;
}

/** A log is as old as its newest chunk: one that is still written to is left whole. */
async function removeOldLog(folder: string, before: At): Promise<number | undefined> {
  const chunks = await namesIn(folder);
  const found = await Promise.all(chunks.map((name) => ifThere(stat(join(folder, name)))));
  if (found.some((chunk) => chunk !== undefined && chunk.mtimeMs >= before)) return undefined;
  await rm(folder, { recursive: true, force: true });
  return found.reduce((sum, chunk) => sum + (chunk?.size ?? 0), 0);
}

const namesIn = async (folder: string): Promise<string[]> => (await ifThere(readdir(folder))) ?? [];

/** Others clean up and write at the same time. */
async function ifThere<Value>(look: Promise<Value>): Promise<Value | undefined> {
  try {
    return await look;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
