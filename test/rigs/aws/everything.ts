import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { account } from './account.ts';

/** What is in the account, by the lists of EC2, ELB, S3 and SSM themselves. */
export async function everything(): Promise<Record<string, string[]>> {
  const { region, bucket, loadBalancer } = account();
  const ec2 = new EC2Client({ region });
  const elb = new ElasticLoadBalancingV2Client({ region });
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({ Names: [loadBalancer] }));
  const { Listeners = [] } = await elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn }),
  );
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const { Contents = [] } = await new S3Client({ region }).send(new ListObjectsV2Command({ Bucket: bucket }));
  const { Parameters = [] } = await new SSMClient({ region }).send(
    new DescribeParametersCommand({
      ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/bakery'] }],
    }),
  );
  const running = Reservations.flatMap(({ Instances = [] }) => Instances).filter(
    ({ State }) => State?.Name !== 'terminated',
  );
  const names = (all: (string | undefined)[]): string[] => all.map((one) => one ?? '').sort();
  return {
    instances: names(running.map(({ InstanceId }) => InstanceId)),
    images: names(Images.map(({ ImageId }) => ImageId)),
    snapshots: names(Snapshots.map(({ SnapshotId }) => SnapshotId)),
    listeners: names(Listeners.map(({ ListenerArn }) => ListenerArn)),
    groups: names(TargetGroups.map(({ TargetGroupArn }) => TargetGroupArn)),
    objects: names(Contents.map(({ Key }) => Key)),
    parameters: names(Parameters.map(({ Name }) => Name)),
  };
}
