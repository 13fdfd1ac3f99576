import { createReadStream } from 'node:fs';
import type { BakeOrder, Call } from '../../pipeline/provider.ts';
import { BuildError, build, buildFailure } from './build.ts';
import { claim } from './claim.ts';
import { contextOf, recipeContext } from './context.ts';
import { dockerfileOf, isArchive, noContext } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { removed, unlessGone } from './faults.ts';
import { inputsKey, tagOf } from './image-names.ts';
import { label, labelsOf } from './labels.ts';
import { type Foretold, Manifests } from './manifests.ts';
import type { Registry } from './registry.ts';
import type { DockerSettings } from './settings.ts';

interface Names {
  local: string;
  remote?: string;
}

/** Makes an image that is not there: its content, its manifest, its labels, and last its name. */
export class Baking {
  readonly #engine: Engine;
  readonly #registry: Registry | undefined;
  readonly #settings: DockerSettings;
  readonly #manifests: Manifests;

  constructor(engine: Engine, registry: Registry | undefined, settings: DockerSettings) {
    this.#manifests = new Manifests(engine, settings);
    this.#engine = engine;
    this.#registry = registry;
    this.#settings = settings;
  }

  /** When it returns, the local name is an image of these inputs: made here, or by another who came first. */
  async make(order: BakeOrder, names: Names, call: Call): Promise<void> {
    call.ensureTime(3_000);
    const labels = {
      ...labelsOf(order.mark, 'image'),
      [label.commit]: order.sha,
      [label.inputs]: inputsKey(order, this.#settings.registry),
    };
    const told = this.#manifests.foretell(order);
    const content = await this.#content(order, labels, told, call);
    call.signal.throwIfAborted();
    const made = await this.#withManifest(content, order, await told, call);
    const finishing = {
      finish: (image: string) => this.#finish(image, names, call),
      isFinished: () => this.#isNamed(names),
    };
    const key = inputsKey(order, this.#settings.registry);
    await claim(this.#engine, key, made, order.mark, finishing, call.signal);
    await this.#drop(made, names.local);
  }

  /** The same image, with the digest of what is in it. */
  async #withManifest(
    content: string,
    order: BakeOrder,
    told: Foretold | undefined,
    call: Call,
  ): Promise<string> {
    if (told !== undefined && (await this.#manifests.keepIfSo(told, content, order))) return content;
    const { digest, cleared } = await this.#manifests.read(content, order);
    const [made] = await Promise.all([this.#label(content, { [label.manifest]: digest }, call), cleared]);
    return made;
  }

  /** All but its labels comes from the engine's cache when that has it. They have its manifest's digest if that is told. */
  async #content(
    order: BakeOrder,
    labels: Record<string, string>,
    told: Promise<Foretold | undefined>,
    call: Call,
  ): Promise<string> {
    const { recipe } = order;
    const own = recipe.dockerfile;
    // A repository's own Dockerfile: the package is the context, streamed to the engine as it is.
    if (own !== undefined && !isArchive(order.package)) throw noContext(order.package.name);
    const context =
      own === undefined
        ? contextOf(recipeContext(generated(order, labels, told), order))
        : createReadStream(order.packageFile);
    const registryconfig = own === undefined ? {} : ((await this.#registry?.forBuild()) ?? {});
    const options = {
      ...{ rm: true, forcerm: true },
      ...(own === undefined ? {} : { dockerfile: own, labels }),
      ...(Object.keys(registryconfig).length === 0 ? {} : { registryconfig }),
    };
    try {
      return await build(this.#engine, context, options, call);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const needsApt = order.package.name.endsWith('.deb') ? [order.package.name] : [];
      throw buildFailure(error, [...recipe.packages, ...needsApt]);
    }
  }

  /** The same image with more labels: a step of no bytes. */
  #label(image: string, labels: Record<string, string>, call: Call): Promise<string> {
    const context = contextOf([{ path: 'Dockerfile', mode: 0o644, content: `FROM ${image}\n` }]);
    return build(this.#engine, context, { labels }, { ...call, log: () => {} });
  }

  async #isNamed({ local }: Names): Promise<boolean> {
    return (await unlessGone(this.#engine.docker.getImage(local).inspect())) !== undefined;
  }

  /** Gives the names, unless another has them already; in the registry first, so that what has one here is there. */
  async #finish(image: string, { local, remote }: Names, call: Call): Promise<void> {
    const { docker } = this.#engine;
    if (await this.#isNamed({ local })) return;
    if (this.#registry !== undefined && remote !== undefined) {
      await docker.getImage(image).tag(tagOf(remote));
      call.log(`pushing ${remote}`);
      try {
        await this.#registry.push(this.#engine, remote, call);
      } catch (error) {
        // Without its name nobody takes it for one that is there; the claim on it lets the next attempt go on here.
        await removed(docker.getImage(remote).remove({ force: true, noprune: true })).catch(() => undefined);
        throw error;
      }
    }
    await docker.getImage(image).tag(tagOf(local));
  }

  /** What was made second has no name, and goes. */
  async #drop(made: string, name: string): Promise<void> {
    const { docker } = this.#engine;
    const named = await unlessGone(docker.getImage(name).inspect());
    if (named !== undefined && named.Id !== made) await removed(docker.getImage(made).remove());
  }
}

/** The recipe as a Dockerfile. Throws at once for one that cannot be made; the digest may still be on its way. */
function generated(
  { recipe, package: made }: BakeOrder,
  labels: Record<string, string>,
  told: Promise<Foretold | undefined>,
): Promise<string> {
  const without = dockerfileOf(recipe, made, labels);
  return told.then((foretold) =>
    foretold === undefined
      ? without
      : dockerfileOf(recipe, made, { ...labels, [label.manifest]: foretold.digest }),
  );
}
