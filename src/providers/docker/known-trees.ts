import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Container } from 'dockerode';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { joined, pathsIn, readParts, readTree, type Tree } from '../manifest/read-tree.ts';
import { isArchive, isOnlyAdded } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { removed, unlessGone } from './faults.ts';
import { inputsOf } from './image-names.ts';
import { labelsOf } from './labels.ts';
import { packageFolder, treeOfPackage } from './package-tree.ts';

/** Trees of some services' bases; one of a Debian has about ten thousand entries. */
const most = 16;

/** What was read of one recipe's images. */
interface Known {
  /** Below the package's. */
  layers: string[];
  below: Tree;
  /** Nothing of what lies below is where the package goes: what is there is the package's alone. */
  isFree: boolean;
  /** And what a package's own bytes told was what lay there. */
  tells: boolean;
}

/** What an image will hold, if its layers below the package's are these. */
export interface ForetoldTree {
  layers: string[];
  tree: Tree;
}

/**
 * Reads what is in images, and remembers what was below the package: an image of the same recipe that has the same
 * layers but the last, which is the package's, is only read where the package went. Where nothing else lies there, and
 * what a package's own bytes told was once seen to be so, those are enough.
 */
export class KnownTrees {
  readonly #known = new Map<string, Known>();

  /** What an image of this order will hold; undefined when its like was not read yet, or the package does not tell. */
  async foretell(order: BakeOrder): Promise<ForetoldTree | undefined> {
    const known = this.#known.get(keyOf(order));
    const inside = known?.tells === true ? await treeOfPackage(order) : undefined;
    if (known === undefined || inside === undefined) return undefined;
    return { layers: known.layers, tree: joined(known.below, inside) };
  }

  /**
   * All that is in an image. A container that is never started shows its files; `cleared` resolves when that is gone,
   * which what comes next need not wait for.
   */
  async read(
    { docker }: Engine,
    image: string,
    order: BakeOrder,
  ): Promise<{ tree: Tree; cleared: Promise<void> }> {
    const layers = await layersBelow({ docker }, image);
    const Labels = labelsOf(order.mark, 'builder');
    const { id } = await docker.createContainer({ Image: image, Cmd: ['manifest'], Labels });
    const container = docker.getContainer(id);
    const clear = () => removed(container.remove({ force: true, v: true }));
    try {
      const tree = isOnlyAdded(order.recipe, order.package)
        ? await this.#readPackage({ docker }, image, container, layers, order)
        : await readTree(await container.export());
      const cleared = clear();
      // Whoever waits for it hears of its failure; what is left is found by its mark.
      cleared.catch(() => undefined);
      return { tree, cleared };
    } catch (error) {
      await clear();
      throw error;
    }
  }

  async #readPackage(
    engine: Pick<Engine, 'docker'>,
    image: string,
    container: Container,
    layers: string[],
    order: BakeOrder,
  ): Promise<Tree> {
    const telling = treeOfPackage(order);
    const known = this.#known.get(keyOf(order));
    if (known !== undefined && isDeepStrictEqual(known.layers, layers)) {
      const archive = await container.getArchive({ path: `/${packageFolder}` });
      const { inside } = await readParts(archive, packageFolder);
      known.tells = known.isFree && isDeepStrictEqual(joined(inside), await telling);
      return joined(known.below, inside);
    }
    const { inside, outside } = await readParts(await container.export(), packageFolder);
    // A base in which it is a link has the package elsewhere.
    if (!outside.entries.some(({ path }) => path === packageFolder)) {
      const isFree = await isFreeBelow(engine, image, layers, order);
      const tells = isFree && isDeepStrictEqual(joined(inside), await telling);
      this.#remember(keyOf(order), { layers, below: outside, isFree, tells });
    }
    return joined(outside, inside);
  }

  #remember(key: string, known: Known): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= most) this.#known.delete(oldest);
    this.#known.set(key, known);
  }
}

/**
 * Whether an image's steps before its package put nothing where that goes. The engine keeps the image of each step; where
 * it does not, nobody can tell.
 */
async function isFreeBelow(
  { docker }: Pick<Engine, 'docker'>,
  image: string,
  layers: string[],
  order: BakeOrder,
): Promise<boolean> {
  const before = await stepWith({ docker }, image, layers);
  if (before === undefined) return false;
  const Labels = labelsOf(order.mark, 'builder');
  const { id } = await docker.createContainer({ Image: before, Cmd: ['manifest'], Labels });
  const container = docker.getContainer(id);
  try {
    const archive = await unlessGone(container.getArchive({ path: `/${packageFolder}` }));
    return archive !== undefined && (await pathsIn(archive)).every((path) => path === packageFolder);
  } finally {
    await removed(container.remove({ force: true, v: true }));
  }
}

/** The image of the step that had these layers. */
async function stepWith(
  { docker }: Pick<Engine, 'docker'>,
  image: string,
  layers: string[],
): Promise<string | undefined> {
  for (let step = image; step !== ''; ) {
    const { Parent, RootFS } = await docker.getImage(step).inspect();
    if (isDeepStrictEqual(RootFS.Layers ?? [], layers)) return step;
    step = Parent;
  }
  return undefined;
}

/** An image's layers without the last one. */
export const layersBelow = async ({ docker }: Pick<Engine, 'docker'>, image: string): Promise<string[]> =>
  ((await docker.getImage(image).inspect()).RootFS.Layers ?? []).slice(0, -1);

/** Of all that an image's files come from, but for its base's layers and what is in its package. */
function keyOf(order: BakeOrder): string {
  const { recipe } = inputsOf(order);
  return createHash('sha256')
    .update(JSON.stringify([recipe, isArchive(order.package)]))
    .digest('hex');
}
