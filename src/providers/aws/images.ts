import type { Image } from '../../pipeline/domain/image.ts';
import {
  type BakeOrder,
  type Call,
  type ImageReport,
  type Marked,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { checkMachineRecipe } from '../cloud-init/baking.ts';
import { isSameMark } from '../mark-fields.ts';
import { type Ami, Amis } from './amis.ts';
import { Baking } from './baking.ts';
import type { Bucket } from './bucket.ts';
import type { Cloud } from './cloud.ts';
import { amiIn, Copies, copyName, leftOf, placeOf } from './copies.ts';
import { imageName, inputsKey } from './inputs.ts';
import type { Machines } from './machines.ts';
import { markOf, tag, tagValue, withTag } from './tags.ts';

const lookAgain = 3_000;

/** The images of an account, each an AMI with the snapshots of its disks. */
export class Images {
  readonly #name: string;
  readonly #cloud: Cloud;
  readonly #amis: Amis;
  readonly #copies: Copies;
  readonly #bucket: Bucket;
  readonly #baking: Baking;

  constructor(name: string, cloud: Cloud, machines: Machines, bucket: Bucket) {
    this.#name = name;
    this.#cloud = cloud;
    this.#amis = new Amis(cloud);
    this.#copies = new Copies(cloud);
    this.#bucket = bucket;
    this.#baking = new Baking(cloud, machines, bucket);
  }

  async bake(order: BakeOrder, call: Call): Promise<Reply<Image>> {
    checkMachineRecipe(order);
    const key = inputsKey(order, this.#cloud.settings);
    const [found] = await this.#amis.find(
      [{ Name: 'name', Values: [imageName(order.mark.service, key)] }],
      call,
    );
    if (found === undefined) return this.#baking.step(order, key, call);
    const id = found.ImageId ?? '';
    switch (found.State) {
      case 'pending':
        return notYet(lookAgain, `EC2 makes the image ${id}`);
      case 'available':
        await this.#baking.tidy(key, order.mark.owner, call);
        return ready(await this.#adopt(found, order, call));
      case 'failed':
      case 'error':
      case 'invalid':
        // Its name is needed for the next one.
        await this.#amis.deregister(found, call);
        await this.#baking.tidy(key, order.mark.owner, call);
        throw new ProviderError(
          'unexpected state',
          `EC2 could not make the image ${id} (${found.StateReason?.Message ?? found.State}). It and its builder were removed; bake again.`,
        );
      default:
        throw new ProviderError(
          'unexpected state',
          `The image ${id} is ${found.State}, which Bakery never does. It was left as it is; look who did that in the console.`,
        );
    }
  }

  async inspect(image: Image, call: Call): Promise<ImageReport> {
    const id = amiIn(this.#cloud.settings.region, image);
    const found = await this.#amis.one(id, call);
    if (found === undefined) return { state: 'gone', because: 'it is not there' };
    if (found.State !== 'available') return { state: 'gone', because: `it is ${found.State}` };
    // An AMI's disks cannot be written; what could be exchanged is what Bakery knows of it.
    if (tagValue(found.Tags, tag.digest) === image.digest || (await this.#isShared(found, call)))
      return { state: 'present' };
    return { state: 'changed', because: 'its tag tells another digest' };
  }

  /** Of another account, whose tags nobody else sees (EC2 User Guide, "Share an AMI"). */
  async #isShared({ ImageId = '', Tags = [] }: Ami, call: Call): Promise<boolean> {
    if (Tags.length > 0) return false;
    return (await this.#amis.find([{ Name: 'image-id', Values: [ImageId] }], call)).length === 0;
  }

  /** Removes it with its copies and its snapshots. Throws `busy` while one is used by an instance or a launch template. */
  async remove(name: string, call: Call): Promise<void> {
    const { region = this.#cloud.settings.region, id } = placeOf(name);
    const amis = this.#copies.in(region);
    const found = await amis.one(id, call);
    const owner = tagValue(found?.Tags, tag.owner);
    if (found === undefined || owner === '') return;
    await amis.ensureUnused(id, call);
    await this.#copies.remove(found, call);
    if (tagValue(found.Tags, tag.copyOf) === '') await this.#bucket.removeAll(`${owner}/taken/${id}/`, call);
    await amis.deregister(found, call);
  }

  /** One entry for every mark: an image that two releases took is there twice. Snapshots without an image as well. */
  async list(owner: string, call: Call): Promise<Marked[]> {
    const ours = [withTag(tag.owner, owner)];
    const [images, taken, snapshots] = await Promise.all([
      this.#amis.find(ours, call),
      this.#bucket.taken(owner, call),
      this.#amis.snapshots(ours, call),
    ]);
    const { region } = this.#cloud.settings;
    const ids = new Set(images.map(({ ImageId = '' }) => ImageId));
    const made = images.flatMap(({ ImageId: id = '', Tags }): Marked[] => {
      const mark = markOf(Tags);
      const name = tagValue(Tags, tag.copyOf) === '' ? id : copyName(region, id);
      return mark === undefined ? [] : [{ what: 'image', id: name, mark }];
    });
    return [
      ...made,
      ...taken.flatMap(({ image: id, mark }): Marked[] => (ids.has(id) ? [{ what: 'image', id, mark }] : [])),
      ...leftOf(images, snapshots),
      ...(await this.#copies.list(owner, images, call)),
    ];
  }

  async removeSnapshot(name: string, call: Call): Promise<void> {
    const { region = this.#cloud.settings.region, id } = placeOf(name);
    await this.#copies.in(region).removeSnapshot(id, call);
  }

  async #adopt(found: Ami, { mark }: BakeOrder, call: Call): Promise<Image> {
    const id = found.ImageId ?? '';
    const isMade = isSameMark(markOf(found.Tags), mark);
    if (!isMade) await this.#bucket.take(id, mark, call);
    return {
      provider: this.#name,
      id,
      digest: tagValue(found.Tags, tag.digest),
      manifest: tagValue(found.Tags, tag.manifest),
      size: Number(tagValue(found.Tags, tag.size)),
      reused: !isMade,
    };
  }
}
