import { randomBytes } from 'node:crypto';
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { leftOf, sweep } from '../../aws/sweep.mjs';
import { account } from './account.ts';

it('a sweep finds and removes all that carries its prefix, and nothing else', async () => {
  const { region, bucket, base, subnets } = account();
  const [prefix, other] = [1, 2].map(() => `sweep-${randomBytes(4).toString('hex')}`);
  const ec2 = new EC2Client({ region });
  const tagged = (ResourceType: 'instance' | 'snapshot', owner: string | undefined) => [
    { ResourceType, Tags: [{ Key: 'bakery:owner', Value: `${owner}-1` }] },
  ];
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 1 }));
  for (const owner of [prefix, other]) {
    await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: base, InstanceType: 't3.small', MinCount: 1, MaxCount: 1, SubnetId: subnets[0] },
        TagSpecifications: tagged('instance', owner),
      }),
    );
    await ec2.send(new CreateSnapshotCommand({ VolumeId, TagSpecifications: tagged('snapshot', owner) }));
    await new S3Client({ region }).send(
      new PutObjectCommand({ Bucket: bucket, Key: `${owner}-1/bakes/one`, Body: 'one' }),
    );
  }
  const before = await leftOf({ region, bucket, prefix });
  expect([before.machines.length, before.snapshots.length, before.objects]).toEqual([
    1,
    1,
    [`${prefix}-1/bakes/one`],
  ]);
  expect(await sweep({ region, bucket, prefix })).toHaveLength(3);
  expect(Object.values(await leftOf({ region, bucket, prefix })).flat()).toEqual([]);
  expect(await sweep({ region, bucket, prefix: other })).toHaveLength(3);
});
