import { randomBytes } from 'node:crypto';
import {
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import type { AwsSettings } from '../../../src/providers/aws/settings.ts';
import { services, start } from '../../support/bakery-services.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { account, settings } from './account.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const { region, keyAlias, keys } = account();
const away = 'us-east-1';
const nowhere = 'alias/nowhere';
const owner = `owner-${randomBytes(4).toString('hex')}`;
const mark = (effect: string): Mark => ({
  ...{ owner, service: 'hello', version: 1, environment: 'staging' },
  ...{ effect, generation: 1, epoch: 0 },
});
const provider = (over: Partial<AwsSettings>) => awsProvider('aws', settings(over));
const content = randomBytes(4).toString('hex');
const order = async (effect: string) => ({
  ...(await tarOf(tempFolder(), { ...services, 'content.txt': content })),
  recipe: { base: account().base, packages: [], start: start.serves },
  ...{ files: new Map(), sha: 'a'.repeat(40), mark: mark(effect) },
});

const Filters = [{ Name: 'tag:bakery:owner', Values: [owner] }];
/** Of each disk of ours, whether it is encrypted and by which key: as EC2 itself tells. */
const disks = async () => {
  const { Volumes = [] } = await new EC2Client({ region }).send(new DescribeVolumesCommand({ Filters }));
  return Volumes.flatMap(({ Encrypted, KmsKeyId }) => (Encrypted ? [KmsKeyId] : []));
};
const snapshots = async (at: string) => {
  const asked = new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters });
  const { Snapshots = [] } = await new EC2Client({ region: at }).send(asked);
  return Snapshots.map(({ Encrypted, KmsKeyId }) => [Encrypted, KmsKeyId]);
};
const images = async (at: string) => {
  const asked = new DescribeImagesCommand({ Owners: ['self'], Filters });
  const { Images = [] } = await new EC2Client({ region: at }).send(asked);
  return Images.map(({ BlockDeviceMappings = [] }) => BlockDeviceMappings.map(({ Ebs }) => Ebs?.Encrypted));
};

const own = provider({ kmsKey: keyAlias, copyTo: [{ region: away, kmsKey: keyAlias }] });
afterAll(async () => {
  for (const { id } of await own.list(owner, freeCall())) await own.removeImage(id, freeCall());
  expect(await own.list(owner, freeCall())).toEqual([]);
});

describe('an image with a key of ours', () => {
  let image: Image;

  it('is made on a disk that is encrypted by it, and so are its snapshots', async () => {
    const baking = await order('bake.hello.v1');
    expect((await own.bake(baking, freeCall())).ready).toBe(false);
    expect(await disks()).toEqual([keys[region]]);
    image = await persist(() => own.bake(baking, freeCall()));
    expect(await snapshots(region)).toEqual([[true, keys[region]]]);
    expect(await images(region)).toEqual([[true]]);
  });

  it('is copied to a region encrypted by the key that has that name there, which is another', async () => {
    const copies = await persist(() => own.publish(image, mark('publish.hello.v1'), freeCall()));
    expect(copies).toHaveLength(1);
    expect(await snapshots(away)).toEqual([[true, keys[away]]]);
    expect(keys[away]).not.toBe(keys[region]);
    expect(await images(away)).toEqual([[true]]);
    await own.removeImage(copies[0] ?? '', freeCall());
  });

  it('is not copied by a key that the region does not have: the copy fails, and is gone', async () => {
    const publisher = provider({ copyTo: [{ region: away, kmsKey: nowhere }] });
    const publishing = persist(() => publisher.publish(image, mark('publish.again'), freeCall()));
    await expect(publishing).rejects.toMatchObject({ fault: 'unexpected state' });
    expect([await images(away), await snapshots(away)]).toEqual([[], []]);
  });
});

it('a builder whose key is not there ends at once: its failure names the key, and nothing is left', async () => {
  const without = provider({ kmsKey: nowhere });
  const before = (await without.list(owner, freeCall())).length;
  // The same bake as before, after somebody has changed the key: its builder is another.
  const baking = await order('bake.hello.v1');
  await expect(persist(() => without.bake(baking, freeCall()))).rejects.toMatchObject({
    fault: 'unexpected state',
    message: expect.stringMatching(/Client\.InternalError.*alias\/nowhere/),
  });
  expect(await without.list(owner, freeCall())).toHaveLength(before);
});
