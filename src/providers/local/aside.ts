import { randomBytes } from 'node:crypto';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../pipeline/disk-fault.ts';
import { bootId, isAlive, ourselves } from './process.ts';

const prefix = 'aside.';
const asidePattern = /^aside\.([0-9a-f-]{36})\.([0-9]+)\.([0-9]+)\.[0-9a-f]+$/;

/** A name beside the finished things that tells who works on it, so that what a killed worker left is known. */
export const asideName = (): string => {
  const { pid, startTime } = ourselves();
  return `${prefix}${bootId()}.${pid}.${startTime}.${randomBytes(6).toString('hex')}`;
};

/** Whether a name is one that {@link asideName} gave. */
export const isAside = (name: string): boolean => name.startsWith(prefix);

/** Removes a tree that was made read-only. Gone already is fine. */
export const removeSealed = async (folder: string): Promise<void> => {
  const unseal = async (path: string): Promise<void> => {
    await chmod(path, 0o700);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) await unseal(join(path, entry.name));
    }
  };
  try {
    await unseal(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  await rm(folder, { recursive: true, force: true });
};

/** Takes a sealed folder away in one step, then removes it. False when it was not there. */
export const takeAway = async (parent: string, name: string): Promise<boolean> => {
  const away = join(parent, asideName());
  try {
    await rename(join(parent, name), away);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  await removeSealed(away);
  return true;
};

/** Removes what workers that are gone left half made or half removed. */
export const sweepAside = async (parent: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    const [, boot, pid, startTime] = asidePattern.exec(name) ?? [];
    if (boot === undefined || startTime === undefined) continue;
    if (!isAlive({ boot, pid: Number(pid), startTime })) await removeSealed(join(parent, name));
  }
};
