import type { BakeOrder, Call } from '../../pipeline/provider.ts';
import { Assembling, type Made } from './assembling.ts';
import { Building } from './building.ts';
import { claim } from './claim.ts';
import { isOnlyAdded } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { removed, unlessGone } from './faults.ts';
import { inputsKey, isNamed, tagOf } from './image-names.ts';
import { label, labelsOf } from './labels.ts';
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
  readonly #assembling: Assembling;
  readonly #building: Building;

  constructor(engine: Engine, registry: Registry | undefined, settings: DockerSettings) {
    this.#engine = engine;
    this.#registry = registry;
    this.#settings = settings;
    this.#assembling = new Assembling(engine, settings);
    this.#building = new Building(engine, registry, settings);
  }

  /** When it returns, the local name is an image of these inputs: made here, or by another who came first. */
  async make(order: BakeOrder, names: Names, call: Call): Promise<void> {
    call.ensureTime(3_000);
    const labels = {
      ...labelsOf(order.mark, 'image'),
      [label.commit]: order.sha,
      [label.inputs]: inputsKey(order, this.#settings.registry),
    };
    const { image, cleared } = await this.#made(order, labels, call);
    try {
      await this.#name(image, order, names, call);
    } catch (error) {
      await this.#leave(image).catch(() => undefined);
      throw error;
    } finally {
      await cleared;
    }
    await this.#drop(image, names.local);
  }

  async #name(image: string, order: BakeOrder, names: Names, call: Call): Promise<void> {
    call.signal.throwIfAborted();
    const finishing = {
      finish: (image: string) => this.#finish(image, names, call),
      isFinished: () => this.#isNamed(names),
    };
    const key = inputsKey(order, this.#settings.registry);
    await claim(this.#engine, key, image, order.mark, finishing, call.signal);
  }

  async #made(order: BakeOrder, labels: Record<string, string>, call: Call): Promise<Made> {
    const assembled = isOnlyAdded(order.recipe, order.package)
      ? await this.#assembling.make(order, labels, call)
      : undefined;
    return assembled ?? this.#building.make(order, labels, call);
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
        // Without its name nobody takes it for one that is there: the next attempt makes another one.
        await removed(docker.getImage(remote).remove({ force: true, noprune: true })).catch(() => undefined);
        throw error;
      }
    }
    await docker.getImage(image).tag(tagOf(local));
  }

  /** The next attempt makes another one. What has a name by now stays, and what has a claim the engine keeps by itself. */
  async #leave(made: string): Promise<void> {
    const { docker } = this.#engine;
    const seen = await unlessGone(docker.getImage(made).inspect());
    if (seen !== undefined && !isNamed(seen)) await removed(docker.getImage(made).remove());
  }

  /** What was made second has no name, and goes. */
  async #drop(made: string, name: string): Promise<void> {
    const { docker } = this.#engine;
    const named = await unlessGone(docker.getImage(name).inspect());
    if (named !== undefined && named.Id !== made) await removed(docker.getImage(made).remove());
  }
}
