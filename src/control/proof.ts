import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { accountOfUid } from '../ops/account.ts';

/**
 * How an account of this machine shows who it is over a Unix socket, whose peer Node.js cannot ask: it makes a folder
 * of a name that only it was told, and the owner of that folder is the account. A folder, since a file of somebody
 * else's could be linked there (the rule of HTCondor's FS authentication).
 */
const pattern = /^proof-[0-9a-f]{32}$/;

/** A name that nobody can guess. */
export const newProof = (): string => `proof-${randomBytes(16).toString('hex')}`;

/** Makes the folder beside the socket, as this process's account, for as long as `work` takes. */
export async function withProof<T>(socket: string, proof: string, work: () => Promise<T>): Promise<T> {
  if (!pattern.test(proof)) throw new Error('Bakery asked for a proof of a name that is not one.');
  const folder = join(dirname(socket), proof);
  await mkdir(folder, { mode: 0o700 });
  try {
    return await work();
  } finally {
    await rmdir(folder);
  }
}

/** The name of the account that made the proof; undefined when there is none, or when the machine does not know it. */
export async function accountOf(socket: string, proof: string): Promise<string | undefined> {
  if (!pattern.test(proof)) return undefined;
  const found = await lstat(join(dirname(socket), proof)).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  return accountOfUid(found.uid);
}
