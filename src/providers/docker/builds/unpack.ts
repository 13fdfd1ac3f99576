import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Parser, type ReadEntry, x } from 'tar';

/**
 * Unpacks a folder that a container gave, without its own name. Links are made last and as they were, also those
 * that lead outside: nothing is ever written through one.
 */
export async function unpackFolder(archive: NodeJS.ReadableStream, to: string): Promise<void> {
  const links: { path: string; target: string }[] = [];
  const filter = (path: string, entry: unknown): boolean => {
    if (!isLink(entry)) return true;
    const inside = path.split('/').slice(1).join('/');
    if (inside !== '') links.push({ path: inside, target: entry.linkpath });
    return false;
  };
  await mkdir(to, { recursive: true });
  await pipeline(archive, x({ cwd: to, strip: 1, preserveOwner: false, filter }));
  for (const { path, target } of links) await symlink(target, join(to, path));
}

const isLink = (entry: unknown): entry is { linkpath: string } =>
  typeof entry === 'object' && entry !== null && 'type' in entry && entry.type === 'SymbolicLink';

/** Writes the one file of an archive to `file`. False when it holds none. */
export async function unpackFile(archive: NodeJS.ReadableStream, file: string): Promise<boolean> {
  let writing: Promise<void> | undefined;
  await mkdir(dirname(file), { recursive: true });
  const parser = new Parser({
    onReadEntry: (entry: ReadEntry) => {
      if (writing === undefined && entry.type === 'File') writing = pipeline(entry, createWriteStream(file));
      else entry.resume();
    },
  });
  await pipeline(archive, parser);
  await writing;
  return writing !== undefined;
}
