import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { accountOfUid } from '../ops/account.ts';
import type { Actor } from '../pipeline/domain/actor.ts';

/**
 * Who changed files, as far as the machine tells: who owns the one that was written last, or the folder when files
 * went. It is no proof: whoever can write to a file need not own it.
 */
export async function changedBy(dir: string, files: readonly string[]): Promise<Actor> {
  const seen = await Promise.all(
    [...files.map((name) => join(dir, name)), ...(files.length === 0 ? [dir] : [])].map((path) =>
      stat(path).catch(() => undefined),
    ),
  );
  const [newest] = seen.filter((one) => one !== undefined).sort((a, b) => b.mtimeMs - a.mtimeMs);
  if (newest === undefined) return { kind: 'files', account: 'unknown' };
  return { kind: 'files', account: (await accountOfUid(newest.uid)) ?? `uid ${newest.uid}` };
}
