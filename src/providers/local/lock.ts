import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../pipeline/disk-fault.ts';
import { isAlive, ourselves, type ProcessName } from './process.ts';

/** Gives the lock back. */
export type Release = () => Promise<void>;

const turnPattern = /^[0-9]{10}$/;
const turnName = (turn: number): string => String(turn).padStart(10, '0');

const turnsIn = async (folder: string): Promise<number[]> =>
  (await readdir(folder))
    .filter((name) => turnPattern.test(name))
    .map(Number)
    .sort((one, other) => one - other);

/** Whether the holder of this turn gave it back or is gone. */
const isOver = async (file: string): Promise<boolean> => {
  try {
    // Only this file writes turns, and each appears whole by `link` or `rename`.
    const holder = JSON.parse(await readFile(file, 'utf8')) as ProcessName | { released: true };
    return 'released' in holder || !isAlive(holder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw error;
  }
};

const writeWhole = async (folder: string, holder: ProcessName | { released: true }): Promise<string> => {
  const file = join(folder, `aside-${randomBytes(8).toString('hex')}`);
  await writeFile(file, JSON.stringify(holder));
  return file;
};

const claim = async (folder: string, turn: number): Promise<boolean> => {
  const aside = await writeWhole(folder, ourselves());
  try {
    await link(aside, join(folder, turnName(turn)));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
};

/**
 * Takes the lock of a folder, or undefined while somebody who lives holds it. Turns are numbered and the highest
 * one holds: a stale lock is followed by the next number, never removed, so two who find it stale cannot both win.
 */
export const takeLock = async (folder: string): Promise<Release | undefined> => {
  await mkdir(folder, { recursive: true });
  const before = await turnsIn(folder);
  const highest = before.at(-1);
  if (highest !== undefined && !(await isOver(join(folder, turnName(highest))))) return undefined;
  const ours = (highest ?? 0) + 1;
  if (!(await claim(folder, ours))) return undefined;
  const after = await turnsIn(folder);
  if (after.at(-1) !== ours) {
    // Others took turns between our look and our claim: ours is an old number and holds nothing.
    await rm(join(folder, turnName(ours)), { force: true });
    return undefined;
  }
  await Promise.all(after.slice(0, -1).map((turn) => rm(join(folder, turnName(turn)), { force: true })));
  return async () => {
    await rename(await writeWhole(folder, { released: true }), join(folder, turnName(ours)));
  };
};
