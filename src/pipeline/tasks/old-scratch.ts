import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { At, Millis } from '../domain/time.ts';
import { isScratchName } from './scratch.ts';

/** No attempt may take as long as this: what is older belongs to a worker that was killed. */
export const scratchKept: Millis = 24 * 3_600_000;

/**
 * Removes what workers that were killed have left in the scratch folder: a checkout, a package that was half made. Other
 * workers may use the same folder, so that age alone tells. Returns how many went.
 */
export async function removeOldScratch(scratch: string, now: At): Promise<number> {
  let removed = 0;
  for (const name of await readdir(scratch).catch(() => [])) {
    if (!isScratchName(name)) continue;
    const folder = join(scratch, name);
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined || now - found.mtimeMs < scratchKept) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    removed += 1;
  }
  return removed;
}
