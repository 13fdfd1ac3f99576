import {
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteParametersCommand, DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';

/**
 * Ids of all that carries an owner that begins so: machines that are not ended, images, snapshots, objects of the bucket,
 * parameters of the demo.
 */
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
  const parameters = await pages(
    (NextToken) =>
      new SSMClient({ region }).send(
        new DescribeParametersCommand({
          ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: [`/bakery-demo/${prefix}`] }],
          NextToken,
        }),
      ),
    ({ Parameters = [] }) => Parameters,
  );
  const isLive = ({ State }) => !['terminated', 'shutting-down'].includes(State?.Name);
  return {
    machines: machines.filter(isLive).map(({ InstanceId }) => InstanceId),
    images: images.map(({ ImageId }) => ImageId),
    snapshots: snapshots.map(({ SnapshotId }) => SnapshotId),
    objects: objects.map(({ Key }) => Key),
    parameters: parameters.map(({ Name }) => Name),
  };
}

/** Listeners that slots of a demo have on the load balancer, which carry the slot's name and no owner, with their groups. */
export async function doorsOf({ region, loadBalancer }) {
  const elb = new ElasticLoadBalancingV2Client({ region });
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({ Names: [loadBalancer] }));
  const listeners = await pages(
    (Marker) =>
      elb.send(new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn, Marker })),
    ({ Listeners = [] }) => Listeners,
  );
  const doors = [];
  for (const { ListenerArn, DefaultActions = [] } of listeners) {
    const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns: [ListenerArn] }));
    const slot = TagDescriptions[0]?.Tags?.find(({ Key }) => Key === 'bakery:slot')?.Value ?? '';
    const groups = DefaultActions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
    if (/^hello\.(?:dev|staging|production)$/.test(slot))
      doors.push({ arn: ListenerArn, groups: groups.map(({ TargetGroupArn }) => TargetGroupArn) });
  }
  return doors;
}

/** Removes doors that were not there before, with their groups, and gives their names. */
export async function sweepDoors(account, before) {
  const elb = new ElasticLoadBalancingV2Client({ region: account.region });
  const known = new Set(before.map(({ arn }) => arn));
  const left = (await doorsOf(account)).filter(({ arn }) => !known.has(arn));
  for (const { arn, groups } of left) {
    await elb.send(new DeleteListenerCommand({ ListenerArn: arn }));
    for (const TargetGroupArn of groups) await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  }
  return left.flatMap(({ arn, groups }) => [arn, ...groups]);
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
  if (left.parameters.length > 0)
    await new SSMClient({ region: account.region }).send(
      new DeleteParametersCommand({ Names: left.parameters }),
    );
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
    from = page.NextToken || page.NextContinuationToken || page.NextMarker;
  } while (from);
  return found;
}
