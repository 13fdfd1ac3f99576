import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../pipeline/disk-fault.ts';

/** Replaces a JSON file in one step that survives a crash: a reader sees the old or the new one, whole. */
export const writeJson = async (file: string, value: unknown): Promise<void> => {
  const aside = `${file}.${randomBytes(6).toString('hex')}.aside`;
  try {
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(value, null, 1));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
};

/** Makes the names in a folder survive a crash. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/** What a JSON file of ours holds; undefined when there is none. The caller names the type that it wrote. */
export const readJson = async <Value>(file: string): Promise<Value | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Value;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
};
