import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Header, Pax } from 'tar';

const block = 512;
const end = Buffer.alloc(2 * block);

/** Whose everything is, and from when. */
export interface Owner {
  uid: number;
  mtime: Date;
}

/** Names a repository by its address, which nothing in a build needs. */
const unwanted = new Set(['.git/FETCH_HEAD']);

/**
 * A folder of this machine as a tar under `prefix`, streamed and sorted, with empty folders of these names beside it.
 * Links are kept as they are and never followed.
 */
export const treeTar = (root: string, prefix: string, folders: string[], owner: Owner): Readable =>
  Readable.from(
    (async function* () {
      for (const path of folders) yield folderHead(path, owner);
      yield* folderIn(root, prefix, '', owner);
      yield end;
    })(),
  );

/** Only empty folders. */
export const folderTar = (folders: string[], owner: Owner): Readable =>
  Readable.from([...folders.map((path) => folderHead(path, owner)), end]);

async function* folderIn(root: string, prefix: string, below: string, owner: Owner): AsyncGenerator<Buffer> {
  const here = join(root, below);
  yield folderHead(join(prefix, below), owner);
  for (const name of (await readdir(here)).sort()) {
    const inside = join(below, name);
    const path = join(prefix, inside);
    const stats = await lstat(join(here, name));
    if (stats.isDirectory()) yield* folderIn(root, prefix, inside, owner);
    else if (stats.isSymbolicLink()) {
      const linkpath = await readlink(join(here, name));
      yield headOf({ path, type: 'SymbolicLink', linkpath, mode: 0o777 }, owner);
    } else if (stats.isFile() && !unwanted.has(inside)) yield* fileIn(join(here, name), path, stats, owner);
  }
}

async function* fileIn(
  file: string,
  path: string,
  { size, mode }: Stats,
  owner: Owner,
): AsyncGenerator<Buffer> {
  yield headOf({ path, type: 'File', size, mode: mode & 0o111 ? 0o755 : 0o644 }, owner);
  if (size > 0) yield* createReadStream(file, { end: size - 1 });
  yield Buffer.alloc((block - (size % block)) % block);
}

const folderHead = (path: string, owner: Owner): Buffer =>
  headOf({ path: `${path}/`, type: 'Directory', mode: 0o755 }, owner);

/** A header, behind an extended one when a name is too long for it. */
function headOf(data: Partial<Header>, { uid, mtime }: Owner): Buffer {
  const header = new Header({ size: 0, ...data, uid, gid: uid, mtime });
  const bytes = Buffer.alloc(block);
  if (!header.encode(bytes, 0)) return bytes;
  const { path = '', linkpath } = data;
  return Buffer.concat([new Pax({ path, ...(linkpath === undefined ? {} : { linkpath }) }).encode(), bytes]);
}
