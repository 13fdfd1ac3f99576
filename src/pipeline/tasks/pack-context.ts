import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import dockerignore from '@balena/dockerignore';
import { create } from 'tar';
import type { Package } from '../domain/image.ts';
import type { Store } from '../store.ts';
import { inside } from './scratch.ts';

/** Never in a context: the repository's own history, which changes with every commit. */
const always = ['.git'];

/** What a folder's context holds: all but what its `.dockerignore` leaves out, sorted. */
export async function contextFiles(folder: string): Promise<string[]> {
  const ignoring = await inside(folder, '.dockerignore');
  const rules = ignoring === undefined ? '' : await readFile(ignoring, 'utf8');
  const ignored = dockerignore.default().add(rules.split(/\r?\n/)).add(always);
  return (await filesIn(folder, '')).filter((path) => !ignored.ignores(path)).sort();
}

/**
 * Packs these files of a folder into the store for the Dockerfile among them. Streamed, of nobody and of no time: the same
 * files give the same package.
 */
export async function packContext(folder: string, files: string[], store: Store): Promise<Package> {
  const tar = create({ cwd: folder, portable: true, mtime: new Date(0), noDirRecurse: true }, files);
  const { digest, size } = await store.put(Readable.from(tar));
  return { digest, size, name: 'context.tar' };
}

async function filesIn(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (always.includes(path)) continue;
    if (entry.isDirectory()) found.push(...(await filesIn(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return found;
}
