import { isDeepStrictEqual } from 'node:util';
import type { Container } from 'dockerode';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { joined, pathsIn, readParts, type Tree } from '../manifest/read-tree.ts';
import { unlessGone } from './faults.ts';
import { packageFolder, treeOfPackage } from './package-tree.ts';

/** What was read of a recipe's steps. */
export interface KnownTree {
  below: Tree;
  /** Nothing of them is where the package goes: what is there is the package's alone. */
  isFree: boolean;
  /** And what a package's own bytes told was what lay there. */
  tells: boolean;
}

interface Read {
  tree: Tree;
  known?: KnownTree;
}

/**
 * What an image will hold when a package is added to these steps; undefined when it has to be read, since the steps were
 * not read yet or the package does not tell.
 */
export async function foretell(known: KnownTree | undefined, order: BakeOrder): Promise<Tree | undefined> {
  const inside = known?.tells === true ? await treeOfPackage(order) : undefined;
  return known === undefined || inside === undefined ? undefined : joined(known.below, inside);
}

/** Whether nothing is where the package goes, in a container that it is not in yet. */
export async function isFree(container: Container): Promise<boolean> {
  const archive = await unlessGone(container.getArchive({ path: `/${packageFolder}` }));
  return archive !== undefined && (await pathsIn(archive)).every((path) => path === packageFolder);
}

/** All that is in a container whose steps are known, with its package; and what is known of them now. */
export async function readAdded(known: KnownTree, container: Container, order: BakeOrder): Promise<Read> {
  const telling = treeOfPackage(order);
  const archive = await container.getArchive({ path: `/${packageFolder}` });
  const { inside } = await readParts(archive, packageFolder);
  const tells = known.isFree && isDeepStrictEqual(joined(inside), await telling);
  return { tree: joined(known.below, inside), known: { ...known, tells } };
}

/** The same of steps that are not known; `wasFree` is what `isFree` said before the package came. */
export async function readWhole(container: Container, order: BakeOrder, wasFree: boolean): Promise<Read> {
  const telling = treeOfPackage(order);
  const { inside, outside } = await readParts(await container.export(), packageFolder);
  const tree = joined(outside, inside);
  // A base in which it is a link has the package elsewhere.
  if (outside.entries.some(({ path }) => path === packageFolder)) return { tree };
  const tells = wasFree && isDeepStrictEqual(joined(inside), await telling);
  return { tree, known: { below: outside, isFree: wasFree, tells } };
}
