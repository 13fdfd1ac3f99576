import { randomBytes } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { onDisk } from '../disk-fault.ts';

const scratchName = (): string => randomBytes(8).toString('hex');

/** Whether a worker has given this name to a folder below its scratch folder. */
export const isScratchName = (name: string): boolean => /^[0-9a-f]{16}$/.test(name);

/** Runs the work in a folder of its own below the worker's scratch folder and removes it whatever happens. */
export const inScratch = async <Value>(
  scratch: string,
  doing: string,
  work: (folder: string) => Promise<Value>,
): Promise<Value> =>
  onDisk(doing, async () => {
    const folder = join(scratch, scratchName());
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await work(await realpath(folder));
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  });

/** A path below the folder with all links followed; undefined when it is not there or leads outside. */
export const inside = async (folder: string, path: string): Promise<string | undefined> => {
  const [root, target] = await Promise.all([
    realpath(folder).catch(() => undefined),
    realpath(join(folder, path)).catch(() => undefined),
  ]);
  if (root === undefined || target === undefined) return undefined;
  const way = relative(root, target);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : target;
};
