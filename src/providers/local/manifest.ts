import { createHash } from 'node:crypto';
import { chmod, open, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../pipeline/domain/time.ts';

/** One entry of a sealed image; a link has a target, a file its size and digest. */
export type ManifestEntry =
  | { path: string; kind: 'file'; mode: string; size: number; digest: Digest }
  | { path: string; kind: 'link'; target: string }
  | { path: string; kind: 'folder'; mode: string };

/** Everything in an image and what made it. The same inputs on the same machine give the same manifest. */
export interface Manifest {
  format: 1;
  inputs: Record<string, unknown>;
  /** Over `entries`. */
  digest: Digest;
  /** Bytes of all files. */
  size: number;
  madeBy: { node: string; platform: string };
  entries: ManifestEntry[];
}

export const digestOf = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Seals one file: read-only, digested, on the disk for good. */
const sealFile = async (root: string, path: string): Promise<ManifestEntry> => {
  const file = join(root, path);
  const mode = ((await stat(file)).mode & 0o111) === 0 ? 0o444 : 0o555;
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const bytes of handle.createReadStream({ autoClose: false })) {
      hash.update(bytes);
      size += bytes.length;
    }
    await handle.chmod(mode);
    await handle.sync();
    return { path, kind: 'file', mode: mode.toString(8), size, digest: `sha256:${hash.digest('hex')}` };
  } finally {
    await handle.close();
  }
};

/**
 * Makes a tree read-only and lists what is in it, sorted by path. `onLink` may refuse a link by throwing. Modes keep
 * nothing but whether a file may be executed.
 */
export const sealTree = async (
  root: string,
  onLink: (path: string) => Promise<void>,
): Promise<ManifestEntry[]> => {
  const entries: ManifestEntry[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isSymbolicLink()) {
        await onLink(path);
        entries.push({ path, kind: 'link', target: await readlink(join(root, path)) });
      } else if (entry.isDirectory()) {
        await walk(path);
        await chmod(join(root, path), 0o555);
        entries.push({ path, kind: 'folder', mode: '555' });
      } else {
        entries.push(await sealFile(root, path));
      }
    }
  };
  await walk('');
  await chmod(root, 0o555);
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
};

/** The manifest of a sealed tree. */
export const manifestOf = (inputs: Record<string, unknown>, entries: ManifestEntry[]): Manifest => ({
  format: 1,
  inputs,
  digest: digestOf(JSON.stringify(entries)),
  size: entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0),
  madeBy: { node: process.version, platform: `${process.platform}-${process.arch}` },
  entries,
});
