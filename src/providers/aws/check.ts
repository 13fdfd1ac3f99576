import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
  type SecurityGroup,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { resolveBase } from './base.ts';
import { Cloud, clientOptions } from './cloud.ts';
import { codeOf } from './faults.ts';
import { inputOf } from './machines.ts';
import { quotaFindings, sharingFindings } from './quotas.ts';
import type { AwsSettings, Placing } from './settings.ts';

/** What an account says of itself, and what it lacks: a sentence for each, with what to do. */
export interface AccountReport {
  who: string;
  zones: string[];
  findings: string[];
}

/** An AMI that every account may start, to ask whether it may start one. */
const usualBase = 'ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

const call = (): Call => ({
  signal: AbortSignal.timeout(60_000),
  ensureTime: () => undefined,
  log: () => undefined,
});

/**
 * What is missing in an account before the first bake. Makes nothing but one object in the bucket, which it removes;
 * machines are asked for by dry runs. `base` is what a recipe names.
 */
export async function checkAccount(settings: AwsSettings, base = usualBase): Promise<AccountReport> {
  const cloud = new Cloud(settings);
  const report: AccountReport = { who: '', zones: [], findings: [] };
  const { findings } = report;
  try {
    const sts = new STSClient(clientOptions(settings));
    const { Arn = '' } = await cloud.ask('sts:GetCallerIdentity', call(), (options) =>
      sts.send(new GetCallerIdentityCommand({}), options),
    );
    report.who = Arn;
  } catch (error) {
    // Without credentials there is no more to ask.
    findings.push(sentenceOf(error));
    return report;
  }
  const part = async <Value>(look: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await look();
    } catch (error) {
      findings.push(sentenceOf(error));
      return undefined;
    }
  };
  const found = await part(() => subnetsOf(cloud));
  for (const [what, placing] of Object.entries({
    instances: settings.instances,
    builders: settings.builders,
  }))
    if (found !== undefined) {
      findings.push(...subnetFindings(what, placing, found));
      const groups = await part(() => groupsOf(cloud, placing));
      if (groups !== undefined) findings.push(...groupFindings(what, placing, groups, found));
      const offered = await part(() => offeringsOf(cloud, placing));
      if (offered !== undefined) findings.push(...typeFindings(what, placing, offered, found));
    }
  report.zones = [...new Set((found ?? []).map((one) => one.AvailabilityZone ?? ''))].sort();
  await part(() => tryBucket(cloud));
  findings.push(...((await part(() => quotaFindings(cloud, call()))) ?? []));
  findings.push(...((await part(() => sharingFindings(cloud, call()))) ?? []));
  const resolved = await part(() => resolveBase(cloud, base, call()));
  if (resolved !== undefined)
    for (const placing of [settings.instances, settings.builders])
      await part(() => dryRun(cloud, resolved.id, placing));
  report.findings = [...new Set(findings)];
  return report;
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function subnetsOf(cloud: Cloud): Promise<Subnet[]> {
  const { instances, builders } = cloud.settings;
  const ids = [...new Set([...instances.subnets, ...builders.subnets])];
  const Filters = [{ Name: 'subnet-id', Values: ids }];
  const { Subnets = [] } = await cloud.ask('ec2:DescribeSubnets', call(), (options) =>
    cloud.ec2.send(new DescribeSubnetsCommand({ Filters }), options),
  );
  return Subnets;
}

/** What a list of subnets lacks. */
export function subnetFindings(what: string, { subnets }: Placing, found: readonly Subnet[]): string[] {
  const own = found.filter(({ SubnetId = '' }) => subnets.includes(SubnetId));
  const gone = subnets.filter((id) => !own.some(({ SubnetId }) => SubnetId === id));
  const zones = new Set(own.map(({ AvailabilityZone }) => AvailabilityZone));
  return [
    ...gone.map((id) => `There is no subnet ${id}. Correct ${what}.subnets in bot.yaml.`),
    ...own
      .filter(({ AvailableIpAddressCount: free = 1 }) => free === 0)
      .map(({ SubnetId }) => `The subnet ${SubnetId} has no free address. Add another to ${what}.subnets.`),
    ...(what === 'instances' && zones.size === 1
      ? [
          `All of instances.subnets are in one zone: when it fails, everything does. Name subnets of two zones.`,
        ]
      : []),
    ...(new Set(own.map(({ VpcId }) => VpcId)).size > 1
      ? [`${what}.subnets are of several networks (VPCs), and a security group is of one. Name those of one.`]
      : []),
  ];
}

async function groupsOf(cloud: Cloud, { securityGroups }: Placing): Promise<SecurityGroup[]> {
  const Filters = [{ Name: 'group-id', Values: securityGroups }];
  const { SecurityGroups = [] } = await cloud.ask('ec2:DescribeSecurityGroups', call(), (options) =>
    cloud.ec2.send(new DescribeSecurityGroupsCommand({ Filters }), options),
  );
  return SecurityGroups;
}

/** What a list of security groups lacks: they are there, in the network of the subnets, and builders let nobody in. */
export function groupFindings(
  what: string,
  { securityGroups, subnets }: Placing,
  groups: readonly SecurityGroup[],
  found: readonly Subnet[],
): string[] {
  const networks = found.filter(({ SubnetId = '' }) => subnets.includes(SubnetId)).map(({ VpcId }) => VpcId);
  const isElsewhere = ({ VpcId }: SecurityGroup): boolean => networks.length > 0 && !networks.includes(VpcId);
  const isOpen = ({ IpPermissions = [] }: SecurityGroup): boolean => IpPermissions.length > 0;
  return [
    ...securityGroups
      .filter((id) => !groups.some(({ GroupId }) => GroupId === id))
      .map((id) => `There is no security group ${id}. Correct ${what}.securityGroups in bot.yaml.`),
    ...groups
      .filter(isElsewhere)
      .map(
        ({ GroupId }) =>
          `The security group ${GroupId} is of another network than ${what}.subnets. Name one of it.`,
      ),
    ...(what === 'builders' ? groups.filter(isOpen) : []).map(
      ({ GroupId }) =>
        `The security group ${GroupId} of the builders lets somebody in, and nobody has to get in. Name one without inbound rules.`,
    ),
    ...(what === 'instances' && groups.length > 0 && !groups.some(isOpen)
      ? [
          'No security group of instances.securityGroups lets anybody in: neither the load balancer nor a worker reaches an instance.',
        ]
      : []),
  ];
}

async function offeringsOf(cloud: Cloud, { types }: Placing): Promise<Map<string, string[]>> {
  const Filters = [{ Name: 'instance-type', Values: types }];
  const { InstanceTypeOfferings = [] } = await cloud.ask(
    'ec2:DescribeInstanceTypeOfferings',
    call(),
    (options) =>
      cloud.ec2.send(
        new DescribeInstanceTypeOfferingsCommand({ LocationType: 'availability-zone', Filters }),
        options,
      ),
  );
  const zones = new Map<string, string[]>();
  for (const { InstanceType: type = '', Location: zone = '' } of InstanceTypeOfferings)
    zones.set(type, [...(zones.get(type) ?? []), zone]);
  return zones;
}

/** Types that none of the zones has. */
export function typeFindings(
  what: string,
  { types, subnets }: Placing,
  offered: ReadonlyMap<string, string[]>,
  found: readonly Subnet[],
): string[] {
  const own = found.filter(({ SubnetId = '' }) => subnets.includes(SubnetId));
  const zones = own.map(({ AvailabilityZone }) => AvailabilityZone ?? '');
  return types
    .filter((type) => zones.length > 0 && !zones.some((zone) => offered.get(type)?.includes(zone)))
    .map((type) => `No zone of ${what}.subnets has the type ${type}. Correct ${what}.types in bot.yaml.`);
}

/** Writes one small object, reads it and removes it. */
async function tryBucket(cloud: Cloud): Promise<void> {
  const { s3, settings } = cloud;
  const place = { Bucket: settings.bucket, Key: `check/${process.pid}-${settings.now()}` };
  await cloud.ask('s3:PutObject', call(), (options) =>
    s3.send(new PutObjectCommand({ ...place, Body: 'ok' }), options),
  );
  await cloud.ask('s3:GetObject', call(), (options) => s3.send(new GetObjectCommand(place), options));
  await cloud.ask('s3:DeleteObject', call(), (options) => s3.send(new DeleteObjectCommand(place), options));
}

/** EC2 says whether it would start one, with this profile and these groups, and starts none. */
async function dryRun(
  cloud: Cloud,
  image: string,
  placing: Placing & { profile?: string | undefined },
): Promise<void> {
  const [type = '', subnet = ''] = [placing.types[0], placing.subnets[0]];
  const tags = [{ Key: 'bakery:owner', Value: 'check' }];
  const order = {
    image,
    token: '',
    userData: Buffer.from('#'),
    tags,
    placing,
    first: 0,
    profile: placing.profile,
  };
  const { ClientToken: _, ...input } = inputOf(order, { type, subnet }, '');
  try {
    await cloud.ask('ec2:RunInstances', call(), (options) =>
      cloud.ec2.send(new RunInstancesCommand({ ...input, DryRun: true }), options),
    );
  } catch (error) {
    // That is how EC2 says that it would have.
    if (error instanceof ProviderError && codeOf(error.cause) === 'DryRunOperation') return;
    throw error;
  }
}
