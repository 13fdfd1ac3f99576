import type { Image } from '../../pipeline/domain/image.ts';
import {
  type BakeOrder,
  type Call,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { checkMachineRecipe } from '../cloud-init/baking.ts';
import { isSameMark } from '../mark-fields.ts';
import { Building } from './building.ts';
import type { Cloud } from './cloud-parts.ts';
import { type GlanceImage, inputsKey } from './images.ts';
import { inputsOf } from './manifest.ts';
import { key, markOf } from './marks.ts';
import { soonAgain } from './placing.ts';
import { removeBuilder } from './remove-builder.ts';
import { serverName } from './servers.ts';

/** Statuses of an image that is on its way (Glance, "Image Statuses"). */
const onItsWay = new Set(['queued', 'saving', 'uploading', 'importing']);

/** Makes the image of some inputs, or finds it: one look and one step at each call. */
export class Baking {
  readonly #cloud: Cloud;
  readonly #building: Building;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#building = new Building(cloud);
  }

  async bake(order: BakeOrder, call: Call): Promise<Reply<Image>> {
    checkMachineRecipe(order);
    const base = await this.#cloud.images.base(order.recipe.base, call.signal);
    const inputs = inputsKey(inputsOf(order, base));
    const all = await this.#cloud.images.ofInputs(inputs, call.signal);
    // Of two who keep one disk at once Nova may leave the first with an image that never becomes one.
    const oldest = all.find(({ status }) => status === 'active') ?? all[0];
    if (oldest === undefined) return this.#building.goOn(order, base, inputs, call);
    if (onItsWay.has(oldest.status)) return this.#wait(oldest, call);
    if (oldest.status !== 'active') throw await this.#lost(oldest, call);
    return this.#finish(
      oldest,
      all.filter((one) => one !== oldest),
      order,
      call,
    );
  }

  /** What is never finished would be waited for by every bake of these inputs: it goes after the time of a bake. */
  async #wait(image: GlanceImage, call: Call): Promise<Reply<Image>> {
    const elapsed = this.#cloud.settings.now() - Date.parse(image.created_at);
    if (elapsed > this.#cloud.settings.baking) throw await this.#lost(image, call);
    return notYet(soonAgain(elapsed), `the image is ${image.status}`);
  }

  async #lost({ id, status }: GlanceImage, { signal }: Call): Promise<ProviderError> {
    // Taken out of use by an administrator: that is theirs to lift.
    if (status !== 'deactivated') await this.#cloud.images.remove(id, signal);
    return new ProviderError(
      'unexpected state',
      status === 'deactivated'
        ? `The image ${id} of these inputs was deactivated by the cloud's operators. Nothing was baked; ask them why.`
        : `Glance did not finish the image ${id}: it is ${status}. It was removed; retry bakes it again.`,
    );
  }

  /** Whoever is last sees to it that one image is left and no builder. */
  async #finish(
    image: GlanceImage,
    more: GlanceImage[],
    { mark }: BakeOrder,
    call: Call,
  ): Promise<Reply<Image>> {
    const { images, servers, settings } = this.#cloud;
    const builders = await servers.named(serverName(mark, 'builder'), call.signal);
    if (builders.length > 0) {
      call.ensureTime(3_000);
      for (const builder of builders) await removeBuilder(this.#cloud, builder, call.signal);
      return notYet(500, 'the builder is being removed');
    }
    for (const one of more) if (isSameMark(markOf(one), mark)) await images.remove(one.id, call.signal);
    const made = isSameMark(markOf(image), mark);
    if (!made) {
      call.ensureTime(2_000);
      await images.take(image.id, mark, call.signal);
    }
    const text = (name: string): string => String(image[name] ?? '');
    return ready({
      provider: settings.name,
      id: image.id,
      digest: text(key.digest),
      manifest: text(key.manifest),
      size: image.size ?? 0,
      reused: !made,
    });
  }
}
