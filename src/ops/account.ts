import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The name of an account of this machine by its number; undefined when the machine does not know it. */
export async function accountOfUid(uid: number): Promise<string | undefined> {
  const named = await promisify(execFile)('id', ['-un', String(uid)], { timeout: 5_000 }).catch(
    () => undefined,
  );
  return named?.stdout.trim() || undefined;
}
