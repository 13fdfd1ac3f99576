import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Header } from 'tar';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { dockerfileOf, stepsOf } from './dockerfile.ts';

const block = 512;

/** Bytes that are read from a file at once. */
export const portion = 1024 * 1024;

/** One file of a build context: text, or a file of this machine. */
export interface ContextFile {
  path: string;
  mode: number;
  content: string | { file: string };
}

/** A recipe's package, in a folder of the context or at its top. */
export const packageIn = (folder: string, order: BakeOrder): ContextFile => ({
  path: join(folder, basename(order.package.name)),
  mode: 0o644,
  content: { file: order.packageFile },
});

/** What a recipe's steps speak of, but for the package; and the steps. */
export const stepsContext = (order: BakeOrder): ContextFile[] => [
  { path: 'Dockerfile', mode: 0o644, content: stepsOf(order.recipe, order.package) },
  ...ownFiles(order),
];

/** A recipe as a whole Dockerfile, and all that it speaks of. Throws `denied` for one that cannot be made. */
export const recipeContext = (order: BakeOrder, labels: Record<string, string>): ContextFile[] => [
  { path: 'Dockerfile', mode: 0o644, content: dockerfileOf(order.recipe, order.package, labels) },
  ...ownFiles(order),
  packageIn('package', order),
];

const ownFiles = (order: BakeOrder): ContextFile[] => [
  ...(order.recipe.files ?? []).map(({ path, mode }, index) => ({
    path: `files/${index}`,
    mode,
    content: { file: order.files.get(path) ?? '' },
  })),
  ...(order.recipe.folders === undefined
    ? []
    : [{ path: 'folders.tar', mode: 0o644, content: foldersTar(order.recipe.folders) }]),
];

/** A tar of these files, streamed: of root, and of the first second of 1970, so that the same files give the same bytes. */
export function contextOf(files: ContextFile[]): Readable {
  const out = new PassThrough();
  write(files, out).catch((error: unknown) => out.destroy(error instanceof Error ? error : undefined));
  return out;
}

async function write(files: ContextFile[], out: PassThrough): Promise<void> {
  for (const { path, mode, content } of files) {
    const source = typeof content === 'string' ? Buffer.from(content) : content;
    const size = 'file' in source ? (await lstat(source.file)).size : source.length;
    out.write(headerOf(path, mode, size));
    if ('file' in source)
      await pipeline(createReadStream(source.file, { highWaterMark: portion }), out, { end: false });
    else out.write(source);
    out.write(Buffer.alloc((block - (size % block)) % block));
  }
  out.end(Buffer.alloc(2 * block));
}

/** Folders that anybody may write, as a tar: what an engine unpacks keeps the rights that stand in there. */
const foldersTar = (paths: string[]): string => {
  const heads = paths.map((path) => {
    const header = new Header({
      path: `${path.slice(1)}/`,
      mode: 0o1777,
      size: 0,
      type: 'Directory',
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    });
    const bytes = Buffer.alloc(block);
    if (header.encode(bytes, 0)) throw new Error(`The path ${path} is too long for a tar.`);
    return bytes;
  });
  // All of it is ASCII: what is no plain path was refused in the configuration, and numbers are octal digits.
  return Buffer.concat([...heads, Buffer.alloc(2 * block)]).toString('latin1');
};

function headerOf(path: string, mode: number, size: number): Buffer {
  const header = new Header({ path, mode, size, type: 'File', uid: 0, gid: 0, mtime: new Date(0) });
  const bytes = Buffer.alloc(block);
  if (header.encode(bytes, 0)) throw new Error(`The path ${path} is too long for a tar.`);
  return bytes;
}
