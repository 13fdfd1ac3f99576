import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SavedMember, SavedSlot } from '../rules.ts';

/** What was kept last; nothing when there is no file. A file that cannot be understood is put aside, not guessed at. */
export async function readState(file: string): Promise<SavedSlot[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const slots = parse(text);
  if (slots) return slots;
  await rename(file, `${file}.broken`);
  return [];
}

/** Replaces the state in one step: after a power cut the file holds all of the old or all of the new. */
export async function writeState(file: string, slots: SavedSlot[]): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify({ version: 1, slots }, undefined, 1));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

function parse(text: string): SavedSlot[] | undefined {
  try {
    const state: unknown = JSON.parse(text);
    if (!isRecord(state) || state.version !== 1 || !Array.isArray(state.slots)) return undefined;
    return state.slots.every(isSlot) ? state.slots : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isSlot = (value: unknown): value is SavedSlot =>
  isRecord(value) &&
  typeof value.slot === 'string' &&
  typeof value.port === 'number' &&
  typeof value.epoch === 'number' &&
  Array.isArray(value.members) &&
  value.members.every(isMember);

const isMember = (value: unknown): value is SavedMember =>
  isRecord(value) &&
  typeof value.instance === 'string' &&
  typeof value.address === 'string' &&
  typeof value.path === 'string' &&
  typeof value.weight === 'number' &&
  typeof value.draining === 'boolean';
