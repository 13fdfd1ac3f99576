import { open, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { systemCode } from '../../pipeline/disk-fault.ts';

const longestLine = 2_000;
const largest = 8 * 1024 * 1024;
const kept = 1024 * 1024;
const tailBytes = 256 * 1024;

/** The file that an instance writes its output to; opened for appending. */
export const outputFile = (folder: string): string => join(folder, 'log');

const tailOf = async (file: string, bytes: number): Promise<Buffer> => {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, bytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
};

/** The last lines of an instance's output, oldest first, without colours, each cut to 2,000 characters. */
export const lastLines = async (folder: string, lines: number): Promise<string[]> => {
  const parts = [
    await tailOf(`${outputFile(folder)}.1`, tailBytes),
    await tailOf(outputFile(folder), tailBytes),
  ];
  const text = Buffer.concat(parts).toString('utf8').split('\n');
  if (text.at(-1) === '') text.pop();
  return text.slice(-lines).map((line) => stripVTControlCharacters(line).slice(0, longestLine));
};

/**
 * Keeps the output bounded: above 8 MiB the last one is kept aside and the file begins anew. Called at every look
 * at the instance; it writes on meanwhile, and a line that comes between copy and cut is lost.
 */
export const boundOutput = async (folder: string): Promise<void> => {
  const file = outputFile(folder);
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= largest) return;
  await rm(`${file}.1`, { force: true });
  await writeFile(`${file}.1`, await tailOf(file, kept), { mode: 0o600 });
  await truncate(file, 0);
};

/** Begins a new file and keeps the one before it aside: what is in the new one is of this start alone. */
export const freshOutput = async (folder: string): Promise<void> => {
  try {
    await rename(outputFile(folder), `${outputFile(folder)}.1`);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
};

/** Whether this start ended because its port was taken, as far as its output tells. */
export const portWasTaken = async (folder: string): Promise<boolean> =>
  (await tailOf(outputFile(folder), tailBytes)).includes('EADDRINUSE');
