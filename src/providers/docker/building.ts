import { createReadStream } from 'node:fs';
import type { BakeOrder, Call } from '../../pipeline/provider.ts';
import { readTree, type Tree } from '../manifest/read-tree.ts';
import type { Made } from './assembling.ts';
import { lookAtBase } from './base-facts.ts';
import { build, sayingWhat } from './build.ts';
import { contextOf, recipeContext } from './context.ts';
import { isArchive, noContext } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { inIdleContainer } from './idle-container.ts';
import { label, labelsOf } from './labels.ts';
import { written } from './manifest.ts';
import type { Registry } from './registry.ts';
import type { DockerSettings } from './settings.ts';

/** Makes images by a whole Dockerfile, the service's own or a recipe's, and reads from them what is in them. */
export class Building {
  readonly #engine: Engine;
  readonly #registry: Registry | undefined;
  readonly #keep: DockerSettings['keep'];

  constructor(engine: Engine, registry: Registry | undefined, { keep }: Pick<DockerSettings, 'keep'>) {
    this.#engine = engine;
    this.#registry = registry;
    this.#keep = keep;
  }

  async make(order: BakeOrder, labels: Record<string, string>, call: Call): Promise<Made> {
    const content = await this.#content(order, labels, call);
    call.signal.throwIfAborted();
    const [{ value: tree, cleared }, { facts }] = await Promise.all([
      this.#read(content, order),
      lookAtBase(this.#engine.docker, order.recipe.base),
    ]);
    const { bom, manifest, digest } = written(tree, order, facts);
    await Promise.all([this.#keep(bom), this.#keep(manifest)]);
    return { image: await this.#label(content, { [label.manifest]: digest }, call), cleared };
  }

  /** All but its labels comes from the engine's cache when that has it. */
  async #content(order: BakeOrder, labels: Record<string, string>, call: Call): Promise<string> {
    const own = order.recipe.dockerfile;
    // A repository's own Dockerfile: the package is the context, streamed to the engine as it is.
    if (own !== undefined && !isArchive(order.package)) throw noContext(order.package.name);
    const context =
      own === undefined ? contextOf(recipeContext(order, labels)) : createReadStream(order.packageFile);
    const registryconfig = own === undefined ? {} : ((await this.#registry?.forBuild()) ?? {});
    const options = {
      ...{ rm: true, forcerm: true },
      ...(own === undefined ? {} : { dockerfile: own, labels }),
      ...(Object.keys(registryconfig).length === 0 ? {} : { registryconfig }),
    };
    return sayingWhat(order, () => build(this.#engine, context, options, call));
  }

  /** All that is in an image. */
  #read(image: string, { mark }: BakeOrder): Promise<{ value: Tree; cleared: Promise<void> }> {
    const wanted = { Image: image, Cmd: ['manifest'], Labels: labelsOf(mark, 'builder') };
    return inIdleContainer(this.#engine.docker, wanted, async (container) =>
      readTree(await container.export()),
    );
  }

  /** The same image with more labels: a step of no bytes. */
  #label(image: string, labels: Record<string, string>, call: Call): Promise<string> {
    const context = contextOf([{ path: 'Dockerfile', mode: 0o644, content: `FROM ${image}\n` }]);
    return build(this.#engine, context, { labels }, { ...call, log: () => {} });
  }
}
