import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../pipeline/domain/time.ts';
import type { BakeOrder } from '../../pipeline/provider.ts';
import type { Engine } from './engine.ts';
import { unlessGone } from './faults.ts';
import { KnownTrees, layersBelow } from './known-trees.ts';
import { type Facts, type Written, written } from './manifest.ts';
import type { DockerSettings } from './settings.ts';

/** The manifest of an image that is being made, if its layers below the package's are these and its base is as it was. */
export type Foretold = Written & { layers: string[]; facts: Facts };

/** The manifests of one engine's images, in both views; kept once they are true. */
export class Manifests {
  readonly #engine: Engine;
  readonly #keep: DockerSettings['keep'];
  readonly #known = new KnownTrees();

  constructor(engine: Engine, { keep }: Pick<DockerSettings, 'keep'>) {
    this.#engine = engine;
    this.#keep = keep;
  }

  /**
   * The manifest of an image before it is made: when all below its package is known, its package tells the rest while it
   * is sent to the engine. Undefined when the image has to be read.
   */
  async foretell(order: BakeOrder): Promise<Foretold | undefined> {
    try {
      const [told, facts] = await Promise.all([this.#known.foretell(order), this.#factsOf(order)]);
      return told && { ...written(told.tree, order, facts), layers: told.layers, facts };
    } catch {
      // The build meets the same engine, and says what is wrong with it.
      return undefined;
    }
  }

  /** Keeps what was foretold of an image, when it is so; whether it is. */
  async keepIfSo({ layers, facts, ...told }: Foretold, image: string, order: BakeOrder): Promise<boolean> {
    const [seen, now] = await Promise.all([layersBelow(this.#engine, image), this.#factsOf(order)]);
    if (!isDeepStrictEqual([seen, now], [layers, facts])) return false;
    await this.#save(told);
    return true;
  }

  /** Reads what is in an image and keeps it. What it was read by is gone when `cleared` resolves. */
  async read(image: string, order: BakeOrder): Promise<{ digest: Digest; cleared: Promise<void> }> {
    const [{ tree, cleared }, facts] = await Promise.all([
      this.#known.read(this.#engine, image, order),
      this.#factsOf(order),
    ]);
    const read = written(tree, order, facts);
    await this.#save(read);
    return { digest: read.digest, cleared };
  }

  async #save({ bom, manifest }: Written): Promise<void> {
    await Promise.all([this.#keep(bom), this.#keep(manifest)]);
  }

  async #factsOf({ recipe: { base } }: BakeOrder): Promise<Facts> {
    const { docker } = this.#engine;
    const [seen, { Version }] = await Promise.all([
      // A Dockerfile of the service's own names its base itself.
      base === '' ? undefined : unlessGone(docker.getImage(base).inspect()),
      docker.version(),
    ]);
    return { baseDigest: seen?.RepoDigests?.[0]?.split('@')[1] ?? seen?.Id ?? '', engine: Version };
  }
}
