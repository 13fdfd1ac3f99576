import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk, systemCode } from '../../pipeline/disk-fault.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import type { PlacedSlot } from './placed.ts';

/** A slot as it is kept, and the number of its version; 0 when nothing was kept yet. */
export interface Kept {
  version: number;
  placed: PlacedSlot | undefined;
}

/** Versions that stay behind the newest one, for whoever is reading. */
const stay = 8;
const fileName = (version: number): string => `${String(version).padStart(10, '0')}.json`;

/**
 * The wanted state of one slot, in numbered files of which the highest counts. A version is made by linking a whole
 * file to the next number, which one alone can do: whoever decided on an older one is told, and decides anew. There is
 * no lock, so nobody who is frozen or killed can hold one.
 */
export function versionsIn(folder: string, slot: string) {
  const doing = (what: string): string => `${what} what HAProxy should do for ${slot} in ${folder}`;

  const newest = async (): Promise<number> => {
    const names = await readdir(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    return Math.max(
      0,
      ...names.filter((name) => /^\d{10}\.json$/.test(name)).map((name) => parseInt(name, 10)),
    );
  };

  const read = async (): Promise<Kept> => {
    for (;;) {
      const version = await newest();
      if (version === 0) return { version, placed: undefined };
      try {
        const text = await readFile(join(folder, fileName(version)), 'utf8');
        // Only this file writes them, and each appears whole.
        return { version, placed: JSON.parse(text) as PlacedSlot };
      } catch (error) {
        // Others wrote many versions between the two calls: there is a higher one now.
        if (systemCode(error) === 'ENOENT' && (await newest()) > version) continue;
        if (!(error instanceof SyntaxError)) throw error;
        throw broken(join(folder, fileName(version)), error);
      }
    }
  };

  const write = async (version: number, placed: PlacedSlot): Promise<boolean> => {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const aside = join(folder, `aside-${randomBytes(6).toString('hex')}`);
    try {
      await writeWhole(aside, JSON.stringify(placed, undefined, 1));
      await link(aside, join(folder, fileName(version)));
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(aside, { force: true });
    }
    await syncFolder(folder);
    // A number that was used and removed long ago is below the highest, and counts for nothing.
    if ((await newest()) !== version) return false;
    await rm(join(folder, fileName(version - stay)), { force: true });
    return true;
  };

  return {
    read: () => onDisk(doing('read'), read),
    /** Makes the version after the one that was read; false when somebody else has. */
    follow: (before: Kept, placed: PlacedSlot) =>
      onDisk(doing('write'), () => write(before.version + 1, placed)),
  };
}

const broken = (file: string, cause: Error): ProviderError =>
  new ProviderError(
    'unexpected state',
    `${file} cannot be read as JSON. Nothing was changed. Remove it: the version before it counts then.`,
    { cause },
  );

/** Replaces a file in one step that survives a power cut: a reader sees all of the old or all of the new. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const aside = `${file}.aside-${randomBytes(6).toString('hex')}`;
  try {
    await writeWhole(aside, text, 0o644);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function writeWhole(file: string, text: string, mode = 0o640): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
