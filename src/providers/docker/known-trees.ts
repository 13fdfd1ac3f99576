import { createHash } from 'node:crypto';
import type { Container } from 'dockerode';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { joined, readParts, readTree, type Tree } from '../manifest/read-tree.ts';
import { isOnlyAdded } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { removed } from './faults.ts';
import { inputsOf } from './image-names.ts';
import { labelsOf } from './labels.ts';

/** Trees of some services' bases; one of a Debian has about ten thousand entries. */
const most = 16;
/** Where a package goes, in an image's file system. */
const folder = 'app';

/**
 * Reads what is in images, and remembers what was below the package: an image of the same recipe that has the same
 * layers but the last, which is the package's, is only read where the package went.
 */
export class KnownTrees {
  readonly #below = new Map<string, Tree>();

  /**
   * All that is in an image. A container that is never started shows its files; `cleared` resolves when that is gone,
   * which what comes next need not wait for.
   */
  async read(
    { docker }: Engine,
    image: string,
    order: BakeOrder,
  ): Promise<{ tree: Tree; cleared: Promise<void> }> {
    const { RootFS } = await docker.getImage(image).inspect();
    const Labels = labelsOf(order.mark, 'builder');
    const { id } = await docker.createContainer({ Image: image, Cmd: ['manifest'], Labels });
    const container = docker.getContainer(id);
    const clear = () => removed(container.remove({ force: true, v: true }));
    try {
      const tree = isOnlyAdded(order.recipe, order.package)
        ? await this.#readPackage(container, keyOf(RootFS.Layers ?? [], order))
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

  async #readPackage(container: Container, key: string): Promise<Tree> {
    const below = this.#below.get(key);
    if (below !== undefined) {
      const { inside } = await readParts(await container.getArchive({ path: `/${folder}` }), folder);
      return joined(below, inside);
    }
    const { inside, outside } = await readParts(await container.export(), folder);
    // A base in which it is a link has the package elsewhere.
    const isFolder = !outside.entries.some(({ path }) => path === folder);
    if (isFolder) this.#remember(key, outside);
    return joined(outside, inside);
  }

  #remember(key: string, tree: Tree): void {
    const [oldest] = this.#below.keys();
    if (oldest !== undefined && this.#below.size >= most) this.#below.delete(oldest);
    this.#below.set(key, tree);
  }
}

/** Of all that an image's files come from, but for its package. */
function keyOf(layers: string[], order: BakeOrder): string {
  const { recipe } = inputsOf(order);
  return createHash('sha256')
    .update(JSON.stringify([recipe, layers.slice(0, -1)]))
    .digest('hex');
}
