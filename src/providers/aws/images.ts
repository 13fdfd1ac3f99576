import {
  type Image as Ami,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  type Filter,
} from '@aws-sdk/client-ec2';
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
import { Baking } from './baking.ts';
import type { Bucket } from './bucket.ts';
import type { Cloud } from './cloud.ts';
import { isNoSuchImage, isNoSuchSnapshot, unless } from './faults.ts';
import { imageName, inputsKey } from './inputs.ts';
import { type Machines, stateOf } from './machines.ts';
import { markOf, tag, tagValue, withTag } from './tags.ts';
import { templateOf } from './templates.ts';

const lookAgain = 3_000;

/** The AMIs of an account, each with the snapshots of its disks. */
export class Images {
  readonly #name: string;
  readonly #cloud: Cloud;
  readonly #machines: Machines;
  readonly #bucket: Bucket;
  readonly #baking: Baking;

  constructor(name: string, cloud: Cloud, machines: Machines, bucket: Bucket) {
    this.#name = name;
    this.#cloud = cloud;
    this.#machines = machines;
    this.#bucket = bucket;
    this.#baking = new Baking(cloud, machines, bucket);
  }

  async bake(order: BakeOrder, call: Call): Promise<Reply<Image>> {
    checkMachineRecipe(order);
    const key = inputsKey(order, this.#cloud.settings);
    const [found] = await this.#find([{ Name: 'name', Values: [imageName(order.mark.service, key)] }], call);
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
        await this.#deregister(found, call);
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

  async inspect({ id, digest }: Image, call: Call): Promise<ImageReport> {
    const found = await this.one(id, call);
    if (found === undefined) return { state: 'gone', because: 'it is not there' };
    if (found.State !== 'available') return { state: 'gone', because: `it is ${found.State}` };
    // An AMI's disks cannot be written; what could be exchanged is what Bakery knows of it.
    return tagValue(found.Tags, tag.digest) === digest
      ? { state: 'present' }
      : { state: 'changed', because: 'its tag tells another digest' };
  }

  /** Removes it with its snapshots. Throws `busy` while an instance runs from it or a launch template names it. */
  async remove(id: string, call: Call): Promise<void> {
    if (!/^ami-[0-9a-f]{8,17}$/.test(id)) return;
    const found = await this.one(id, call);
    const owner = tagValue(found?.Tags, tag.owner);
    if (found === undefined || owner === '') return;
    const users = await this.#machines.find([{ Name: 'image-id', Values: [id] }], call);
    const user = users.find((machine) => stateOf(machine) !== 'terminated');
    if (user !== undefined)
      throw new ProviderError(
        'busy',
        `${user.InstanceId} runs from the image ${id}. Nothing was removed; Bakery tries again when it has ended.`,
      );
    const template = await templateOf(this.#cloud, id, call);
    if (template !== undefined)
      throw new ProviderError(
        'busy',
        `The launch template ${template}, starts the image ${id}. Nothing was removed; have it start another one, or remove that version.`,
      );
    await this.#bucket.removeAll(`${owner}/taken/${id}/`, call);
    await this.#deregister(found, call);
  }

  async one(id: string, call: Pick<Call, 'signal'>): Promise<Ami | undefined> {
    if (!/^ami-[0-9a-f]{8,17}$/.test(id)) return undefined;
    const answer = await unless(
      isNoSuchImage,
      this.#cloud.ask('ec2:DescribeImages', call, (options) =>
        this.#cloud.ec2.send(new DescribeImagesCommand({ ImageIds: [id] }), options),
      ),
    );
    return answer?.Images?.[0];
  }

  /** One entry for every mark: an image that two releases took is there twice. Snapshots without an image as well. */
  async list(owner: string, call: Call): Promise<Marked[]> {
    const ours = [withTag(tag.owner, owner)];
    const [images, taken, snapshots] = await Promise.all([
      this.#find(ours, call),
      this.#bucket.taken(owner, call),
      this.#snapshots(ours, call),
    ]);
    const ids = new Set(images.map(({ ImageId = '' }) => ImageId));
    const made = images.flatMap(({ ImageId: id = '', Tags }): Marked[] => {
      const mark = markOf(Tags);
      return mark === undefined ? [] : [{ what: 'image', id, mark }];
    });
    const used = new Set(images.flatMap(({ BlockDeviceMappings: disks = [] }) => disks.map(snapshotOf)));
    // While an image is made it does not name all its snapshots yet.
    const alone = images.some(({ State }) => State === 'pending')
      ? []
      : snapshots.filter(({ id }) => !used.has(id));
    return [
      ...made,
      ...taken.flatMap(({ image: id, mark }): Marked[] => (ids.has(id) ? [{ what: 'image', id, mark }] : [])),
      ...alone,
    ];
  }

  async removeSnapshot(id: string, call: Call): Promise<void> {
    await unless(
      isNoSuchSnapshot,
      this.#cloud.change('ec2:DeleteSnapshot', call, (options) =>
        this.#cloud.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), options),
      ),
    );
  }

  async #snapshots(filters: Filter[], call: Call): Promise<Marked[]> {
    const found: Marked[] = [];
    let from: string | undefined;
    do {
      const page = await this.#cloud.ask('ec2:DescribeSnapshots', call, (options) =>
        this.#cloud.ec2.send(
          new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: filters, NextToken: from }),
          options,
        ),
      );
      for (const { SnapshotId: id = '', Tags } of page.Snapshots ?? []) {
        const mark = markOf(Tags);
        if (mark !== undefined) found.push({ what: 'builder', id, mark });
      }
      from = page.NextToken === '' ? undefined : page.NextToken;
    } while (from !== undefined);
    return found;
  }

  async #find(filters: Filter[], call: Call): Promise<Ami[]> {
    const found: Ami[] = [];
    let from: string | undefined;
    do {
      const page = await this.#cloud.ask('ec2:DescribeImages', call, (options) =>
        this.#cloud.ec2.send(
          new DescribeImagesCommand({ Owners: ['self'], Filters: filters, NextToken: from }),
          options,
        ),
      );
      found.push(...(page.Images ?? []));
      from = page.NextToken === '' ? undefined : page.NextToken;
    } while (from !== undefined);
    return found.filter(({ State }) => State !== 'deregistered');
  }

  /** Its snapshots go with it; one that did not, because an earlier call was cut off, is shown by `list`. */
  async #deregister({ ImageId, BlockDeviceMappings: disks = [] }: Ami, call: Call): Promise<void> {
    await unless(
      isNoSuchImage,
      this.#cloud.change('ec2:DeregisterImage', call, (options) =>
        this.#cloud.ec2.send(new DeregisterImageCommand({ ImageId }), options),
      ),
    );
    for (const id of disks.map(snapshotOf)) if (id !== '') await this.removeSnapshot(id, call);
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

const snapshotOf = (disk: NonNullable<Ami['BlockDeviceMappings']>[number]): string =>
  disk.Ebs?.SnapshotId ?? '';
