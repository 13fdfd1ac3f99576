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

/** Whether a tree is made read-only on the way, or only read. */
type Doing = 'seal' | 'read';

/** Digests one file; sealing makes it read-only, and on the disk for good. */
const fileEntry = async (root: string, path: string, doing: Doing): Promise<ManifestEntry> => {
  const file = join(root, path);
  const found = (await stat(file)).mode & 0o777;
  const mode = doing === 'read' ? found : (found & 0o111) === 0 ? 0o444 : 0o555;
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const bytes of handle.createReadStream({ autoClose: false })) {
      hash.update(bytes);
      size += bytes.length;
    }
    if (doing === 'seal') {
      await handle.chmod(mode);
      await handle.sync();
    }
    return { path, kind: 'file', mode: mode.toString(8), size, digest: `sha256:${hash.digest('hex')}` };
  } finally {
    await handle.close();
  }
};

type OnLink = (path: string) => Promise<void>;

const walkTree = async (root: string, doing: Doing, onLink: OnLink): Promise<ManifestEntry[]> => {
  const entries: ManifestEntry[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isSymbolicLink()) {
        await onLink(path);
        entries.push({ path, kind: 'link', target: await readlink(join(root, path)) });
      } else if (entry.isDirectory()) {
        await walk(path);
        if (doing === 'seal') await chmod(join(root, path), 0o555);
        entries.push({ path, kind: 'folder', mode: '555' });
      } else {
        entries.push(await fileEntry(root, path, doing));
      }
    }
  };
  await walk('');
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
};

/**
 * Makes a tree read-only and lists what is in it, sorted by path. `onLink` may refuse a link by throwing. Modes keep
 * nothing but whether a file may be executed.
 */
export const sealTree = async (root: string, onLink: OnLink): Promise<ManifestEntry[]> => {
  const entries = await walkTree(root, 'seal', onLink);
  await chmod(root, 0o555);
  return entries;
};

/** The digest of a sealed tree as it is now: equal to its manifest's while nobody has changed it. */
export const treeDigest = async (root: string): Promise<Digest> =>
  digestOf(JSON.stringify(await walkTree(root, 'read', async () => undefined)));

/** The manifest of a sealed tree. */
export const manifestOf = (inputs: Record<string, unknown>, entries: ManifestEntry[]): Manifest => ({
  format: 1,
  inputs,
  digest: digestOf(JSON.stringify(entries)),
  size: entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0),
  madeBy: { node: process.version, platform: `${process.platform}-${process.arch}` },
  entries,
});
