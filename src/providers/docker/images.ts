import type { ImageInspectInfo } from 'dockerode';
import type { Image } from '../../pipeline/domain/image.ts';
import type { Mark } from '../../pipeline/domain/task.ts';
import {
  type BakeOrder,
  type Call,
  type ImageReport,
  type Marked,
  ProviderError,
} from '../../pipeline/provider.ts';
import { isSameMark } from '../mark-fields.ts';
import { Baking } from './baking.ts';
import type { Engine } from './engine.ts';
import type { Engines } from './engines.ts';
import { removed, unlessGone } from './faults.ts';
import { digestIn, isImageId, isNamed, namesOf, repositoryOf, tagOf } from './image-names.ts';
import { label, markOf } from './labels.ts';
import { Registry } from './registry.ts';
import type { DockerSettings } from './settings.ts';
import { takenMarks } from './taken-marks.ts';

/** The images of the baking engine, and of the registry when there is one. */
export class Images {
  readonly #name: string;
  readonly #engines: Engines;
  readonly #registry: Registry | undefined;
  readonly #baking: Baking;
  readonly #settings: DockerSettings;

  constructor(name: string, engines: Engines, settings: DockerSettings) {
    this.#name = name;
    this.#engines = engines;
    this.#settings = settings;
    this.#registry = settings.registry === undefined ? undefined : new Registry(settings.registry);
    this.#baking = new Baking(engines.baking, this.#registry, settings);
  }

  async bake(order: BakeOrder, call: Call): Promise<Image> {
    const names = namesOf(order, this.#settings.registry);
    let found = await this.#find(names, call);
    if (found === undefined) {
      await this.#baking.make(order, names, call);
      found = await this.#find(names, call);
    }
    if (found === undefined) {
      const sentence = `The image ${names.local} went while it was being taken. Bakery tries again.`;
      throw new ProviderError('busy', sentence);
    }
    return this.#adopt(found, order.mark, call);
  }

  /** Sees to it that an engine has the image: it is pulled by its digest where it is not. */
  async bring({ id }: Pick<Image, 'id'>, engine: Engine, call: Call): Promise<void> {
    if (isImageId(id) && isNamed(await unlessGone(engine.docker.getImage(id).inspect()))) return;
    if (!isImageId(id) || this.#registry === undefined || !id.includes('@')) throw this.unknown({ id });
    if (!(await this.#registry.pull(engine, id, call))) throw this.unknown({ id });
  }

  unknown({ id }: Pick<Image, 'id'>): ProviderError {
    const where = this.#registry === undefined ? 'on the engine' : 'on the engine or in the registry';
    return new ProviderError(
      'unknown image',
      `The image ${id} is not ${where} any more. Nothing was started; bake that release again.`,
    );
  }

  async inspect({ id }: Image, call: Call): Promise<ImageReport> {
    const gone: ImageReport = { state: 'gone', because: 'it is not there' };
    if (!isImageId(id)) return gone;
    // An id is a digest of what is there: what answers to it is what was baked.
    if (isNamed(await unlessGone(this.#engines.baking.docker.getImage(id).inspect())))
      return { state: 'present' };
    const kept = await this.#registry?.has(this.#engines.baking, id, call);
    return kept === true ? { state: 'present' } : gone;
  }

  async remove(id: string, call: Call): Promise<void> {
    if (!isImageId(id)) return;
    for (const engine of this.#engines.all) {
      await takenMarks.remove(engine, digestIn(id));
      const seen = await unlessGone(engine.docker.getImage(id).inspect());
      for (const tag of [...(seen?.RepoTags ?? []), ...(seen?.RepoDigests ?? []), seen?.Id ?? id])
        await removed(engine.docker.getImage(tag).remove({ force: true }));
    }
    await this.#registry?.remove(id, call);
  }

  /** One entry for every mark: an image that two releases took is there twice. */
  async list(owner: string): Promise<Marked[]> {
    const { docker } = this.#engines.baking;
    const filters = { label: [`${label.owner}=${owner}`, `${label.what}=image`] };
    const [images, containers] = await Promise.all([
      docker.listImages({ filters }),
      docker.listContainers({ all: true }),
    ]);
    const used = new Set(containers.map(({ ImageID }) => ImageID));
    const found: Marked[] = [];
    for (const image of images) {
      const mark = markOf(image.Labels);
      if (mark === undefined) continue;
      const { Id, RepoDigests } = image;
      if (isNamed(image))
        found.push({
          what: 'image',
          id: this.#idOf({ Id, RepoDigests: RepoDigests ?? [] }, mark.service),
          mark,
        });
      // Without a name: removed and still used, so it goes with its last container; or left by a bake that was killed.
      else if (!used.has(Id)) found.push({ what: 'builder', id: Id, mark });
    }
    return [...found, ...(await takenMarks.of(this.#engines.baking, owner))];
  }

  /** Removes what has no name any more, or never had one, unless a container uses it. */
  async dropUnnamed({ docker }: Engine, id: string): Promise<void> {
    const seen = await unlessGone(docker.getImage(id).inspect());
    if (seen !== undefined && markOf(seen.Config.Labels) !== undefined && !isNamed(seen))
      await removed(docker.getImage(id).remove());
  }

  /** What carries the name of the inputs, on the baking engine or, from there, in the registry. */
  async #find(
    { local, remote }: { local: string; remote?: string },
    call: Call,
  ): Promise<ImageInspectInfo | undefined> {
    const { docker } = this.#engines.baking;
    const here = await unlessGone(docker.getImage(local).inspect());
    if (here !== undefined || this.#registry === undefined || remote === undefined) return here;
    if (!(await this.#registry.pull(this.#engines.baking, remote, call))) return undefined;
    await docker.getImage(remote).tag(tagOf(local));
    return unlessGone(docker.getImage(local).inspect());
  }

  async #adopt(found: ImageInspectInfo, mark: Mark, call: Call): Promise<Image> {
    const labels = found.Config.Labels ?? {};
    const made = isSameMark(markOf(labels), mark);
    const id = this.#idOf(found, mark.service);
    if (!made) {
      call.ensureTime(2_000);
      await takenMarks.add(this.#engines.baking, id, mark);
    }
    const manifest = labels[label.manifest] ?? '';
    return { provider: this.#name, id, digest: digestIn(id), manifest, size: found.Size, reused: !made };
  }

  #idOf({ Id, RepoDigests }: Pick<ImageInspectInfo, 'Id' | 'RepoDigests'>, service: string): string {
    const { registry } = this.#settings;
    if (registry === undefined) return Id;
    const prefix = `${repositoryOf(service, registry)}@`;
    return RepoDigests.find((digest) => digest.startsWith(prefix)) ?? Id;
  }
}
