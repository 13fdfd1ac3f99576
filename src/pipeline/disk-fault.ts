import { statfs } from 'node:fs/promises';
import type { Fault } from './domain/fault.ts';
import { ProviderError } from './provider.ts';

const faultOf: Record<string, Fault> = {
  ENOSPC: 'disk full',
  EDQUOT: 'disk full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EMFILE: 'busy',
  ENFILE: 'busy',
};

const advice: Partial<Record<Fault, string>> = {
  'disk full': 'The disk is full; nothing that was there was changed. Make room, then retry.',
  denied: 'This user may not do that here; nothing was changed. Check who owns the data directory.',
  busy: 'Too many files are open on this machine just now. Bakery tries again.',
};

/** The operating system's error code, when the error has one. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/**
 * An error of the file system as the one error that ports throw; a ProviderError stays what it is.
 * `doing` completes "Bakery could not …".
 */
export const asProviderError = (error: unknown, doing: string): ProviderError => {
  if (error instanceof ProviderError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new ProviderError('aborted', `It was cancelled before Bakery could ${doing}.`, { cause: error });
  }
  const fault = faultOf[systemCode(error) ?? ''] ?? 'unexpected state';
  const why = advice[fault] ?? `${error instanceof Error ? error.message : String(error)}.`;
  return new ProviderError(fault, `Bakery could not ${doing}. ${why}`, { cause: error });
};

/** Runs `work`; whatever it throws comes out as a ProviderError. */
export const onDisk = async <Value>(doing: string, work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    throw asProviderError(error, doing);
  }
};

const leastBytes = 64 * 1024;

/** Throws `disk full` when the folder's disk has no room: a command that failed there says so only in words. */
export const refuseFullDisk = async (folder: string, lines: string[]): Promise<void> => {
  const { bavail, bsize, ffree, files } = await statfs(folder);
  if (bavail * bsize >= leastBytes && (files === 0 || ffree > 0)) return;
  const sentence = `A command failed on a disk without room. ${advice['disk full']}`;
  throw new ProviderError('disk full', sentence, { lines });
};
