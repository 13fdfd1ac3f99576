import { createHash } from 'node:crypto';
import { CopyImageCommand, CreateTagsCommand, ModifyImageAttributeCommand } from '@aws-sdk/client-ec2';
import type { Image } from '../../pipeline/domain/image.ts';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, notYet, ProviderError, type Reply, ready } from '../../pipeline/provider.ts';
import { type Ami, Amis } from './amis.ts';
import type { Cloud } from './cloud.ts';
import { Copies, copyName, regionsOf } from './copies.ts';
import { type Tag, tag } from './tags.ts';

/** A copy between regions takes minutes. */
const lookAgain: Millis = 10_000;
const begun: Millis = 2_000;

type Place = { region: string; kmsKey?: string | undefined };

/**
 * Lets an image be used where it is meant to: shared with accounts, and copied to regions, in each encrypted by the key
 * of that region and shared as well. Only the AMI itself has to be shared for others to start it, not its snapshots
 * (EC2 User Guide, "Share an AMI with specific AWS accounts").
 */
export class Publishing {
  readonly #cloud: Cloud;
  readonly #amis: Amis;
  readonly #copies: Copies;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#amis = new Amis(cloud);
    this.#copies = new Copies(cloud);
  }

  async publish({ id }: Image, mark: Mark, call: Call): Promise<Reply<string[]>> {
    const { copyTo = [] } = this.#cloud.settings;
    const ami = await this.#amis.one(id, call);
    if (ami?.State !== 'available')
      throw new ProviderError(
        'unknown image',
        `The image ${id} is ${ami?.State ?? 'not there'}. Nothing was shared or copied; bake that release again.`,
      );
    await this.#share(this.#cloud, id, call);
    await this.#note(ami, copyTo, call);
    // One after the other in a turn, all of them at once in AWS.
    const replies: Reply<string>[] = [];
    for (const place of copyTo) replies.push(await this.#copy(ami, place, mark, call));
    const waits = replies.filter((reply) => !reply.ready);
    const [first] = waits;
    if (first === undefined) return ready(replies.flatMap((reply) => (reply.ready ? [reply.value] : [])));
    const notes = waits.map(({ note }) => note).join(', ');
    return notYet(Math.min(...waits.map(({ again }) => again)), notes);
  }

  /** Where its copies are stands on the image before there are any, so that all are found again. */
  async #note(ami: Ami, copyTo: readonly Place[], call: Call): Promise<void> {
    const known = regionsOf(ami);
    const all = [...new Set([...known, ...copyTo.map(({ region }) => region)])];
    if (all.length === known.length) return;
    const command = new CreateTagsCommand({
      Resources: [ami.ImageId ?? ''],
      Tags: [{ Key: tag.copiedTo, Value: all.join(' ') }],
    });
    await this.#cloud.change('ec2:CreateTags', call, (options) => this.#cloud.ec2.send(command, options));
  }

  async #copy(ami: Ami, place: Place, mark: Mark, call: Call): Promise<Reply<string>> {
    const { region } = place;
    const [copy] = await this.#copies.of(ami.ImageId ?? '', region, call);
    if (copy === undefined) return this.#begin(ami, place, mark, call);
    const id = copy.ImageId ?? '';
    switch (copy.State) {
      case 'pending':
        return notYet(lookAgain, `EC2 copies it to ${region}`);
      case 'available':
        await this.#share(this.#cloud.at(region), id, call);
        return ready(copyName(region, id));
      case 'failed':
      case 'error':
      case 'invalid':
        await this.#copies.in(region).deregister(copy, call);
        throw new ProviderError(
          'unexpected state',
          `EC2 could not copy the image ${ami.ImageId} to ${region} (${copy.StateReason?.Message ?? copy.State}). The copy was removed; retry makes another.`,
        );
      default:
        throw new ProviderError(
          'unexpected state',
          `The copy ${id} in ${region} is ${copy.State}, which Bakery never does. It was left as it is; look who did that in the console.`,
        );
    }
  }

  async #begin(ami: Ami, { region, kmsKey }: Place, mark: Mark, call: Call): Promise<Reply<string>> {
    const there = this.#cloud.at(region);
    const tags = tagsOfCopy(ami);
    const command = new CopyImageCommand({
      Name: ami.Name ?? '',
      Description: ami.Description,
      ...{ SourceImageId: ami.ImageId ?? '', SourceRegion: this.#cloud.settings.region },
      // Two at once make one; a retry, of another generation, makes another than the one that failed.
      ClientToken: tokenOf(ami, region, mark),
      TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({
        ResourceType,
        Tags: tags,
      })),
      ...(kmsKey === undefined ? {} : { Encrypted: true, KmsKeyId: kmsKey }),
    });
    const { ImageId = '' } = await there.change('ec2:CopyImage', call, (options) =>
      there.ec2.send(command, options),
    );
    call.log(`copies ${ami.ImageId} to ${copyName(region, ImageId)}`);
    return notYet(begun, `EC2 copies it to ${region}`);
  }

  /** Accounts that may start it already are left as they are. */
  async #share(cloud: Cloud, ImageId: string, call: Call): Promise<void> {
    const { shareWith = [] } = this.#cloud.settings;
    if (shareWith.length === 0) return;
    const Add = shareWith.map((UserId) => ({ UserId }));
    const command = new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add } });
    await cloud.change('ec2:ModifyImageAttribute', call, (options) => cloud.ec2.send(command, options));
  }
}

/** What the image's own tags say, and whose copy it is. */
const tagsOfCopy = ({ ImageId = '', Tags = [] }: Ami): Tag[] => [
  ...Tags.filter(({ Key = '' }) => Key !== tag.copiedTo && !Key.startsWith('aws:')),
  { Key: tag.copyOf, Value: ImageId },
];

const tokenOf = ({ ImageId }: Ami, region: string, { effect, generation }: Mark): string =>
  createHash('sha256').update([ImageId, region, effect, generation].join('\n')).digest('hex').slice(0, 60);
