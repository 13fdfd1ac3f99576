import {
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

/** Ids of all that carries an owner that begins so: machines that are not ended, images, snapshots, objects of the bucket. */
export async function leftOf({ region, bucket, prefix }) {
  const ec2 = new EC2Client({ region });
  const Filters = [{ Name: 'tag:bakery:owner', Values: [`${prefix}*`] }];
  const machines = await pages(
    (NextToken) => ec2.send(new DescribeInstancesCommand({ Filters, NextToken })),
    ({ Reservations = [] }) => Reservations.flatMap(({ Instances = [] }) => Instances),
  );
  const images = await pages(
    (NextToken) => ec2.send(new DescribeImagesCommand({ Filters, Owners: ['self'], NextToken })),
    ({ Images = [] }) => Images,
  );
  const snapshots = await pages(
    (NextToken) => ec2.send(new DescribeSnapshotsCommand({ Filters, OwnerIds: ['self'], NextToken })),
    ({ Snapshots = [] }) => Snapshots,
  );
  const objects = await pages(
    (ContinuationToken) =>
      new S3Client({ region }).send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }),
      ),
    ({ Contents = [] }) => Contents,
  );
  const isLive = ({ State }) => !['terminated', 'shutting-down'].includes(State?.Name);
  return {
    machines: machines.filter(isLive).map(({ InstanceId }) => InstanceId),
    images: images.map(({ ImageId }) => ImageId),
    snapshots: snapshots.map(({ SnapshotId }) => SnapshotId),
    objects: objects.map(({ Key }) => Key),
  };
}

/** Removes all of it, and gives what had been left. Throws when something is there even then. */
export async function sweep(account) {
  const left = await leftOf(account);
  const ec2 = new EC2Client({ region: account.region });
  const s3 = new S3Client({ region: account.region });
  if (left.machines.length > 0) await ec2.send(new TerminateInstancesCommand({ InstanceIds: left.machines }));
  for (const ImageId of left.images) await ec2.send(new DeregisterImageCommand({ ImageId }));
  for (const SnapshotId of left.snapshots) await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  for (const Key of left.objects) await s3.send(new DeleteObjectCommand({ Bucket: account.bucket, Key }));
  const after = Object.values(await leftOf(account)).flat();
  if (after.length > 0) throw new Error(`These are still there, remove them by hand: ${after.join(', ')}`);
  return Object.values(left).flat();
}

async function pages(ask, itemsOf) {
  const found = [];
  let from;
  do {
    const page = await ask(from);
    found.push(...itemsOf(page));
    from = page.NextToken || page.NextContinuationToken;
  } while (from);
  return found;
}
