import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { readBelow, type Tree } from '../manifest/read-tree.ts';
import { portion } from './context.ts';
import { isArchive, isOnlyAdded, packageMode } from './dockerfile.ts';
import { PlainPaths } from './plain-paths.ts';

/** Where a package goes, in an image's file system. */
export const packageFolder = 'app';

/**
 * What a package puts into an image, by its own bytes; undefined when an engine could make something else of them, or
 * when they say too little.
 */
export async function treeOfPackage({
  recipe,
  package: made,
  packageFile,
}: BakeOrder): Promise<Tree | undefined> {
  if (!isOnlyAdded(recipe, made)) return undefined;
  if (!isArchive(made)) {
    const path = `${packageFolder}/${basename(made.name)}`;
    const { size, digest } = made;
    const entry = { path, kind: 'file' as const, mode: packageMode.toString(8), size, digest };
    return { entries: [entry], packages: [], unread: [] };
  }
  const paths = new PlainPaths();
  try {
    const tree = await readBelow(
      createReadStream(packageFile, { highWaterMark: portion }),
      packageFolder,
      (path, type) => paths.add(path, type),
    );
    return paths.arePlain() ? tree : undefined;
  } catch {
    // No tar at all: the engine, which is given the same bytes, says so.
    return undefined;
  }
}
