import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { CreateImageCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import type { Image } from '../../pipeline/domain/image.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type BakeOrder, type Call, notYet, ProviderError, type Reply } from '../../pipeline/provider.ts';
import { type BakeReport, bakeFailure, bakeReportOf, bakingUserData } from '../cloud-init/baking.ts';
import { markKey } from '../instance-name.ts';
import { isSameMark } from '../mark-fields.ts';
import { type Base, resolveBase } from './base.ts';
import type { Bucket } from './bucket.ts';
import type { Cloud } from './cloud.ts';
import { endedEarly } from './ended-early.ts';
import { isNameTaken, unless } from './faults.ts';
import { imageName } from './inputs.ts';
import { hadNoRoom, isLive, type Machine, type Machines, stateOf } from './machines.ts';
import { keepManifest } from './manifest.ts';
import { markOf, tag, tagsOf, tagValue, withTag } from './tags.ts';

/** Milliseconds until the next look: at a builder that stops, at what another copy has begun. */
const again = { stopping: 1_000, begun: 1_000 };

/** The next look at a builder that began `elapsed` ms ago: at most an eighth of its time too late, and at most 10 s. */
const soonAgain = (elapsed: Millis): Millis => Math.min(10_000, 1_000 + Math.max(0, elapsed) / 8);

/**
 * Makes an image that is not there: a builder that installs, reports and switches itself off, then an image of its
 * disk. Each call looks what is so and does the next step, so that whoever comes next goes on from there.
 */
export class Baking {
  readonly #cloud: Cloud;
  readonly #machines: Machines;
  readonly #bucket: Bucket;

  constructor(cloud: Cloud, machines: Machines, bucket: Bucket) {
    this.#cloud = cloud;
    this.#machines = machines;
    this.#bucket = bucket;
  }

  async step(order: BakeOrder, key: string, call: Call): Promise<Reply<Image>> {
    const builders = await this.buildersOf(key, order.mark.owner, call);
    const builder = await this.#machines.onlyOne(builders, call);
    if (builder !== undefined) return this.#watch(builder, order, key, call);
    const mine = builders.filter((one) => isSameMark(markOf(one.Tags), order.mark) && !hadNoRoom(one));
    for (const ended of mine) throw await this.#whyEnded(ended, call);
    await this.#begin(order, key, builders.length, call);
    return notYet(again.begun, 'the builder is starting');
  }

  buildersOf(key: string, owner: string, call: Call): Promise<Machine[]> {
    return this.#machines.find(
      [withTag(tag.owner, owner), withTag(tag.inputs, key), withTag(tag.what, 'builder')],
      call,
    );
  }

  /** Takes away what a bake leaves beside its image. */
  async tidy(key: string, owner: string, call: Call): Promise<void> {
    const builders = await this.buildersOf(key, owner, call);
    for (const { InstanceId } of builders.filter(isLive)) await this.#machines.end(InstanceId ?? '', call);
    if (builders.length > 0) await this.#bucket.removeAll(folderOf(owner, key), call);
  }

  async #begin(order: BakeOrder, key: string, before: number, call: Call): Promise<void> {
    const { settings } = this.#cloud;
    const { mark, recipe } = order;
    const base = await resolveBase(this.#cloud, recipe.base, call);
    const place = `${folderOf(mark.owner, key)}${markKey(mark)}/`;
    call.ensureTime(1_000);
    await this.#bucket.upload(`${place}package`, order.packageFile, order.package.size, call);
    await this.#bucket.renew(call);
    const files = new Map<string, string>();
    for (const [index, file] of (recipe.files ?? []).entries()) {
      const at = order.files.get(file.path) ?? '';
      await this.#bucket.upload(`${place}files/${index}`, at, await sizeOf(at), call);
      files.set(file.path, await this.#bucket.readUrl(`${place}files/${index}`));
    }
    const urls = {
      package: await this.#bucket.readUrl(`${place}package`),
      files,
      manifest: await this.#bucket.writeUrl(`${place}manifest`),
      report: await this.#bucket.writeUrl(`${place}report`),
    };
    const made = await this.#machines.make(
      {
        image: base.id,
        // Its token brings back neither one that ended for want of room, nor one of settings that were corrected meanwhile.
        token: `${markKey(mark)}-${key.slice(0, 8)}-${before}`,
        userData: bakingUserData(order, urls),
        tags: tagsOf(mark, 'builder', `bakery builder of ${mark.service} v${mark.version}`, {
          [tag.inputs]: key,
          [tag.base]: base.id,
          [tag.commit]: order.sha,
        }),
        placing: settings.builders,
        first: 0,
        ...this.#disk(base),
      },
      call,
    );
    if (made !== undefined) call.log(`builder ${made.InstanceId} of ${base.id} (${recipe.base})`);
  }

  #disk({ root }: Base): { disk?: { device: string; kmsKey: string } } {
    const { kmsKey } = this.#cloud.settings;
    return kmsKey === undefined ? {} : { disk: { device: root, kmsKey } };
  }

  async #watch(builder: Machine, order: BakeOrder, key: string, call: Call): Promise<Reply<Image>> {
    const id = builder.InstanceId ?? '';
    const report = await this.#report(builder, call);
    if (report?.is === 'failed') {
      await this.#machines.end(id, call);
      throw bakeFailure(report);
    }
    const elapsed = this.#cloud.settings.now() - (builder.LaunchTime?.getTime() ?? 0);
    switch (stateOf(builder)) {
      case 'pending':
        return notYet(soonAgain(elapsed), `the builder ${id} is starting`);
      case 'running':
        if (report === undefined) return notYet(soonAgain(elapsed), `the builder ${id} is at work`);
        // It switches itself off; this is for one that does not.
        await this.#cloud.change('ec2:StopInstances', call, (options) =>
          this.#cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }), options),
        );
        return notYet(again.stopping, `the builder ${id} is stopping`);
      case 'stopping':
        return notYet(again.stopping, `the builder ${id} is stopping`);
      case 'stopped':
        if (report === undefined) {
          await this.#machines.end(id, call);
          throw endedEarly(builder, 'stopped', this.#cloud.settings.kmsKey);
        }
        return this.#image(builder, report, order, key, call);
      default:
        throw new ProviderError(
          'unexpected state',
          `The builder ${id} is ${stateOf(builder)}, which nobody waits for. It was left as it is; look at it in the console.`,
        );
    }
  }

  async #image(
    builder: Machine,
    report: Extract<BakeReport, { is: 'done' }>,
    order: BakeOrder,
    key: string,
    call: Call,
  ): Promise<Reply<Image>> {
    const id = builder.InstanceId ?? '';
    const text = await this.#bucket.read(`${this.#placeOf(builder)}manifest`, call);
    if (text === undefined || `sha256:${createHash('sha256').update(text).digest('hex')}` !== report.tree) {
      await this.#machines.end(id, call);
      throw new ProviderError(
        'unexpected state',
        `The manifest of the builder ${id} is not what it reported. No image was made and the builder was ended; look who writes into the bucket, then bake again.`,
      );
    }
    const base = tagValue(builder.Tags, tag.base);
    const kept = await keepManifest(text, order, base, this.#cloud.settings);
    const mark = markOf(builder.Tags) ?? order.mark;
    const name = imageName(mark.service, key);
    const tags = tagsOf(mark, 'image', `${mark.service} v${mark.version}`, {
      [tag.inputs]: key,
      [tag.commit]: tagValue(builder.Tags, tag.commit),
      [tag.base]: base,
      [tag.digest]: report.tree,
      [tag.manifest]: kept.manifest,
      [tag.size]: String(kept.size),
    });
    const command = new CreateImageCommand({
      InstanceId: id,
      Name: name,
      Description: `${mark.service} v${mark.version}, made by Bakery`,
      TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({
        ResourceType,
        Tags: tags,
      })),
    });
    const making = this.#cloud.change('ec2:CreateImage', call, (options) =>
      this.#cloud.ec2.send(command, options),
    );
    // Its name was given a moment ago, by another copy, or by a call of ours whose answer was lost.
    const made = await unless(isNameTaken, making);
    if (made !== undefined) call.log(`image ${made.ImageId} of ${id}`);
    return notYet(again.begun, 'EC2 makes the image');
  }

  async #whyEnded(builder: Machine, call: Call): Promise<ProviderError> {
    const report = await this.#report(builder, call);
    if (report?.is === 'failed') return bakeFailure(report);
    return endedEarly(builder, 'ended', this.#cloud.settings.kmsKey);
  }

  async #report(builder: Machine, call: Call): Promise<BakeReport | undefined> {
    const text = await this.#bucket.read(`${this.#placeOf(builder)}report`, call);
    return text === undefined ? undefined : bakeReportOf(text);
  }

  #placeOf(builder: Machine): string {
    const mark = markOf(builder.Tags);
    if (mark === undefined) throw new Error('A builder of ours without our mark.');
    return `${folderOf(mark.owner, tagValue(builder.Tags, tag.inputs))}${markKey(mark)}/`;
  }
}

const folderOf = (owner: string, key: string): string => `${owner}/bakes/${key}/`;

const sizeOf = async (file: string): Promise<number> => (await stat(file)).size;
