import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ProviderError } from '../pipeline/provider.ts';

/**
 * Makes a folder that a person named, with those above it, for its owner alone. One after the other: below a place such as
 * /proc, in which nothing can be made, Node.js' own recursive way never ends. Throws ProviderError `bad settings`.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (existsSync(path)) return; // another process was first
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ProviderError(
      'bad settings',
      `The folder ${path} cannot be made (${why}). Nothing was started. Name another one, or make it.`,
    );
  }
}
