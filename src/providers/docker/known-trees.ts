import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Container } from 'dockerode';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { joined, readParts, readTree, type Tree } from '../manifest/read-tree.ts';
import { isArchive, isOnlyAdded } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { removed } from './faults.ts';
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
  /** A package's own bytes told what lay in the image. */
  tells: boolean;
}

/** What an image will hold, if its layers below the package's are these. */
export interface ForetoldTree {
  layers: string[];
  tree: Tree;
}

/**
 * Reads what is in images, and remembers what was below the package: an image of the same recipe that has the same
 * layers but the last, which is the package's, is only read where the package went. Once that was what the package's own
 * bytes had told, those are enough.
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
        ? await this.#readPackage(container, layers, order)
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

  async #readPackage(container: Container, layers: string[], order: BakeOrder): Promise<Tree> {
    const told = treeOfPackage(order);
    const known = this.#known.get(keyOf(order));
    if (known !== undefined && isDeepStrictEqual(known.layers, layers)) {
      const archive = await container.getArchive({ path: `/${packageFolder}` });
      const { inside } = await readParts(archive, packageFolder);
      known.tells = isDeepStrictEqual(joined(inside), await told);
      return joined(known.below, inside);
    }
    const { inside, outside } = await readParts(await container.export(), packageFolder);
    // A base in which it is a link has the package elsewhere.
    const isFolder = !outside.entries.some(({ path }) => path === packageFolder);
    const tells = isDeepStrictEqual(joined(inside), await told);
    if (isFolder) this.#remember(keyOf(order), { layers, below: outside, tells });
    return joined(outside, inside);
  }

  #remember(key: string, known: Known): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= most) this.#known.delete(oldest);
    this.#known.set(key, known);
  }
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
