import {
  type Image as Ami,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  type Filter,
} from '@aws-sdk/client-ec2';
import type { Mark } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud.ts';
import { isNoSuchImage, isNoSuchSnapshot, unless } from './faults.ts';
import { Machines, stateOf } from './machines.ts';
import { markOf } from './tags.ts';
import { templateOf } from './templates.ts';

export type { Ami };

type Looking = Pick<Call, 'signal'>;

export const isAmi = (text: string): boolean => /^ami-[0-9a-f]{8,17}$/.test(text);

export const snapshotsIn = ({ BlockDeviceMappings: disks = [] }: Ami): string[] =>
  disks.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);

/** The AMIs and snapshots of one account in one region, one call each. */
export class Amis {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Also one of another account that is shared with this one. */
  async one(id: string, call: Looking): Promise<Ami | undefined> {
    if (!isAmi(id)) return undefined;
    const answer = await unless(
      isNoSuchImage,
      this.#cloud.ask('ec2:DescribeImages', call, (options) =>
        this.#cloud.ec2.send(new DescribeImagesCommand({ ImageIds: [id] }), options),
      ),
    );
    return answer?.Images?.[0];
  }

  /** Those of the account itself. */
  async find(filters: Filter[], call: Looking): Promise<Ami[]> {
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

  async snapshots(filters: Filter[], call: Looking): Promise<{ id: string; mark: Mark }[]> {
    const found: { id: string; mark: Mark }[] = [];
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
        if (mark !== undefined) found.push({ id, mark });
      }
      from = page.NextToken === '' ? undefined : page.NextToken;
    } while (from !== undefined);
    return found;
  }

  /** Throws `busy` while an instance of the account runs from it or a launch template names it. */
  async ensureUnused(id: string, call: Looking): Promise<void> {
    const users = await new Machines(this.#cloud).find([{ Name: 'image-id', Values: [id] }], call);
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
  }

  /** Its snapshots go with it; one that did not, because an earlier call was cut off, is shown by `list`. */
  async deregister(ami: Ami, call: Call): Promise<void> {
    await unless(
      isNoSuchImage,
      this.#cloud.change('ec2:DeregisterImage', call, (options) =>
        this.#cloud.ec2.send(new DeregisterImageCommand({ ImageId: ami.ImageId }), options),
      ),
    );
    for (const id of snapshotsIn(ami)) await this.removeSnapshot(id, call);
  }

  async removeSnapshot(id: string, call: Call): Promise<void> {
    await unless(
      isNoSuchSnapshot,
      this.#cloud.change('ec2:DeleteSnapshot', call, (options) =>
        this.#cloud.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), options),
      ),
    );
  }
}
