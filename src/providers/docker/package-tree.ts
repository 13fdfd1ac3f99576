import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { readBelow, type Tree } from '../manifest/read-tree.ts';
import { portion } from './context.ts';
import { isArchive, isOnlyAdded } from './dockerfile.ts';
import { PlainTar } from './plain-tar.ts';

/** Where a package goes, in an image's file system. */
export const packageFolder = 'app';

/**
 * What a package puts into an empty folder, by its own bytes; undefined when it is more than the plainest of tars, of
 * which an engine could make something else.
 */
export async function treeOfPackage({
  recipe,
  package: made,
  packageFile,
}: BakeOrder): Promise<Tree | undefined> {
  if (!isOnlyAdded(recipe, made) || !isArchive(made)) return undefined;
  const plain = new PlainTar();
  try {
    const tree = await readBelow(Readable.from(looked(packageFile, plain)), packageFolder);
    return plain.isPlain() ? tree : undefined;
  } catch {
    // No tar at all: the engine, which is given the same bytes, says so.
    return undefined;
  }
}

async function* looked(file: string, plain: PlainTar): AsyncGenerator<Buffer> {
  for await (const bytes of createReadStream(file, { highWaterMark: portion })) {
    plain.look(bytes);
    yield bytes;
  }
}
