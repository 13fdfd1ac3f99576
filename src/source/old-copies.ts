import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { At, Millis } from '../pipeline/domain/time.ts';

const day: Millis = 24 * 3_600_000;

export interface CopyBounds {
  /** A copy that nobody has asked for this long goes. */
  unused: Millis;
  /** Bytes of all copies together: beyond them those go that were not asked for the longest … */
  bytes: number;
  /** … but none that was asked for within this time, or a busy day would fetch the same ones again and again. */
  spared: Millis;
}

export const copyBounds: CopyBounds = { unused: 30 * day, bytes: 20 * 1024 ** 3, spared: day };

/** Notes that a copy is asked for now. */
export const markUsed = (copy: string, now: At): Promise<void> =>
  utimes(copy, now / 1_000, now / 1_000).catch(() => undefined);

interface Copy {
  path: string;
  usedAt: At;
}

/**
 * Removes copies of repositories that nobody asks for any more, and the oldest ones when all of them are too much.
 * Whoever asks for one of them again has it fetched again. Returns how many went.
 */
export async function removeOldCopies(cacheDir: string, now: At, bounds = copyBounds): Promise<number> {
  const copies = await copiesIn(cacheDir);
  const sizes = new Map<Copy, number>();
  for (const copy of copies) sizes.set(copy, await bytesIn(copy.path));
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let removed = 0;
  for (const copy of copies.toSorted((one, other) => one.usedAt - other.usedAt)) {
    const idle = now - copy.usedAt;
    if (idle < bounds.unused && (total <= bounds.bytes || idle < bounds.spared)) break;
    await remove(copy.path);
    total -= sizes.get(copy) ?? 0;
    removed += 1;
  }
  return removed;
}

/** Out of the way in one step: who asks at this moment finds a whole copy or none. */
async function remove(copy: string): Promise<void> {
  const gone = copy.endsWith('.gone') ? copy : `${copy}.gone`;
  if (gone !== copy) await rename(copy, gone);
  await rm(gone, { recursive: true, force: true, maxRetries: 3 });
}

/** Copies, and what was left of one that was half made or half removed. */
async function copiesIn(cacheDir: string): Promise<Copy[]> {
  const names = await readdir(cacheDir).catch(() => []);
  const found = names
    .filter((name) => /^[0-9a-f]{32}\.git(\.new|\.gone)?$/.test(name))
    .map(async (name) => {
      const path = join(cacheDir, name);
      const usedAt = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      );
      return usedAt === undefined ? [] : [{ path, usedAt }];
    });
  return (await Promise.all(found)).flat();
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}
