import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Parser, type ReadEntry } from 'tar';
import type { Digest } from '../../pipeline/domain/time.ts';
import { type ListedPackage, readerOf } from './package-list.ts';

/** One entry of an image's file system; a link has a target, a file its size and digest. */
export type TreeEntry =
  | { path: string; kind: 'file'; mode: string; size: number; digest: Digest }
  | { path: string; kind: 'link'; target: string };

/** All that is in an image. */
export interface Tree {
  /** Sorted by path. */
  entries: TreeEntry[];
  /** Sorted by kind, name and version. */
  packages: ListedPackage[];
  /** Databases of packages that are there and were not read. */
  unread: string[];
}

/** A list of packages larger than this is not read as one. */
const longestList = 64 * 1024 * 1024;

/** Not the image's own: the engine puts them there for each container. */
const engines = new Set([
  '.dockerenv',
  'etc/hostname',
  'etc/hosts',
  'etc/resolv.conf',
  'etc/mtab',
  'dev/console',
]);

const plain = (path: string): string => path.replace(/^\.?\//, '').replace(/\/$/, '');

/** Reads a tar of a whole file system as it streams by: digests every file, and reads the lists of packages. */
export async function readTree(tar: NodeJS.ReadableStream): Promise<Tree> {
  const { outside } = await readParts(tar, undefined);
  return joined(outside);
}

/** The same in two parts: what lies in a folder at the top, and all the rest. */
export async function readParts(
  tar: NodeJS.ReadableStream,
  folder: string | undefined,
): Promise<{ inside: Tree; outside: Tree }> {
  const inside: Tree = { entries: [], packages: [], unread: [] };
  const outside: Tree = { entries: [], packages: [], unread: [] };
  const isInside = (path: string): boolean => folder !== undefined && plain(path).startsWith(`${folder}/`);
  const onReadEntry = (entry: ReadEntry): void => read(entry, isInside(entry.path) ? inside : outside);
  await pipeline(tar, new Parser({ strict: true, onReadEntry }));
  return { inside, outside };
}

/** Reads a tar as what it is when it is unpacked in a folder. */
export async function readBelow(tar: NodeJS.ReadableStream, folder: string): Promise<Tree> {
  const tree: Tree = { entries: [], packages: [], unread: [] };
  const onReadEntry = (entry: ReadEntry): void => read(entry, tree, `${folder}/${plain(entry.path)}`);
  await pipeline(tar, new Parser({ strict: true, onReadEntry }));
  return joined(tree);
}

/** The paths of all that is in a tar, folders too. */
export async function pathsIn(tar: NodeJS.ReadableStream): Promise<string[]> {
  const paths: string[] = [];
  const onReadEntry = (entry: ReadEntry): void => {
    paths.push(plain(entry.path));
    entry.resume();
  };
  await pipeline(tar, new Parser({ strict: true, onReadEntry }));
  return paths;
}

/** Parts of one file system together: each package once, whatever part it was found in. */
export function joined(...parts: Tree[]): Tree {
  const key = ({ kind, name, version }: ListedPackage): string => `${kind} ${name} ${version}`;
  const packages = new Map(parts.flatMap((part) => part.packages).map((one) => [key(one), one]));
  return {
    entries: parts.flatMap((part) => part.entries).sort((one, other) => (one.path < other.path ? -1 : 1)),
    packages: [...packages.keys()].sort().flatMap((one) => packages.get(one) ?? []),
    unread: parts.flatMap((part) => part.unread),
  };
}

function read(entry: ReadEntry, tree: Tree, path = plain(entry.path)): void {
  if (entry.type === 'SymbolicLink' || entry.type === 'Link') {
    tree.entries.push({ path, kind: 'link', target: entry.linkpath ?? '' });
    entry.resume();
    return;
  }
  if (entry.type !== 'File' || engines.has(path)) {
    entry.resume();
    return;
  }
  if (/^(?:var|usr)\/lib\/(?:sysimage\/)?rpm\/(?:Packages|rpmdb\.sqlite|Packages\.db)$/.test(path))
    tree.unread.push(path);
  const packagesIn = entry.size > longestList ? undefined : readerOf(path);
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  entry.on('data', (bytes: Buffer) => {
    hash.update(bytes);
    if (packagesIn !== undefined) kept.push(bytes);
  });
  entry.on('end', () => {
    const mode = ((entry.mode ?? 0) & 0o7777).toString(8);
    tree.entries.push({ path, kind: 'file', mode, size: entry.size, digest: `sha256:${hash.digest('hex')}` });
    if (packagesIn !== undefined) tree.packages.push(...packagesIn(Buffer.concat(kept).toString('utf8')));
  });
}
